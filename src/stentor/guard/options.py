"""How a wrapper's own words are told from those of what it runs.

An option that is not known is read both ways, so that a new option never hides a command.
"""

from __future__ import annotations

import re

from stentor.guard.words import unknown
from stentor.typed import NamedTuple

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


class Options(NamedTuple):
    """How a wrapper's own words are told from those of what it runs."""

    value: str = ""  # short options which take a value
    flags: str = ""  # short options which take none
    long_value: tuple[str, ...] = ()  # long options which take a value as the next word
    skip: int = 0  # operands before the command (``timeout 5``)
    assignments: bool = False  # whether ``A=b`` may come before the command
    # Whether one operand more may come before the command, and options behind it (``setarch x86_64 -R``).
    maybe: bool = False


_SUDO_LONG = ("user", "group", "host", "prompt", "chdir", "chroot", "role", "type")
_SYSTEMD_LONG = (
    "unit", "property", "uid", "gid", "slice", "description", "setenv", "on-calendar", "on-active",
    "on-boot", "on-startup", "on-unit-active", "on-unit-inactive", "path-property",
    "socket-property", "timer-property", "service-type", "nice", "host", "machine",
    "working-directory",
)  # fmt: skip
PREFIXES = {
    "sudo": Options("ugCDhprRtTU", "AbBEeHiKklNnPSsVv", _SUDO_LONG, assignments=True),
    "doas": Options("Cu", "Lns"),
    "pkexec": Options("", "", ("user",)),
    "env": Options("uC", "i0v", ("unset", "chdir"), assignments=True),
    "nohup": Options(),
    "nice": Options("n", "", ("adjustment",)),
    "ionice": Options("cnpPu", "t", ("class", "classdata")),
    "chrt": Options("TPD", "abfiormpv", skip=1),
    "taskset": Options("", "acp", skip=1),
    "timeout": Options("ks", "fpv", ("kill-after", "signal"), skip=1),
    "time": Options("fo", "apqvV", ("format", "output")),
    "setsid": Options("", "cfw"),
    "stdbuf": Options("ioe", "", ("input", "output", "error")),
    "unbuffer": Options("", "p"),
    "command": Options("", "p"),
    "builtin": Options(),
    "exec": Options("a", "cl"),
    "chroot": Options("", "", ("userspec", "groups"), skip=1),
    "unshare": Options("SGRw", "mupiCUTfrc", ("root", "wd", "setuid", "setgid", "propagation")),
    "nsenter": Options("tSGrw", "amupiCUnTFZ", ("target", "setuid", "setgid", "root", "wd")),
    "systemd-run": Options("puHME", "dqtrGSP", _SYSTEMD_LONG),
    "strace": Options("eopsuEIPSaXOb", "cCdfFhiknqrtTvVwxyYzZ"),
    "ltrace": Options("eopsunlaAF", "bcCfhiLrStTV"),
    "setarch": Options("", "RFXBLISTZv", maybe=True),
    "linux32": Options(),
    "linux64": Options(),
    "faketime": Options("", "fm", skip=1),
    "fakeroot": Options("lsif", "ubh"),
    "proxychains": Options("f", "q"),
    "torsocks": Options("uPap", "dqiI"),
    "gosu": Options(skip=1),
    "su-exec": Options(skip=1),
    "s6-setuidgid": Options(skip=1),
    "chpst": Options("uUbenomdflprstc/", "vPV012"),
    "setpriv": Options("", "", ("reuid", "regid", "groups")),
    "prlimit": Options("po", ""),
    "firejail": Options(),
    "busybox": Options(),
    "toybox": Options(),
    "coproc": Options(),
    "spawn": Options("", "", ("noecho",)),
    "sshpass": Options("pfdP", "ev"),
    "flock": Options("wE", "xsneouF", ("timeout", "wait", "conflict-exit-code"), skip=1),
}  # fmt: skip


def after_options(words: tuple[str, ...], options: Options) -> list[tuple[str, ...]]:
    """Drop the wrapper's own words. Several answers where an option is not known."""
    index, doubtful = 1, False
    while index < len(words):
        word = words[index]
        if word == "--":
            index += 1
            break
        if word.startswith("--"):
            name, equals, _ = word[2:].partition("=")
            doubtful |= not equals and name not in options.long_value
            index += 2 if not equals and name in options.long_value else 1
        elif word.startswith("-"):
            step, unsure = _short(word, options)
            index, doubtful = index + step, doubtful or unsure
        elif options.assignments and _ASSIGNMENT.fullmatch(word):
            index += 1
        else:
            break
    starts = [index + options.skip, *([index + options.skip + 1] if doubtful else [])]
    found = [words[start:] for start in starts if words[start:]]
    if options.maybe:
        found += after_options(words[index:], options._replace(maybe=False))
    while options.assignments and found and _ASSIGNMENT.fullmatch(found[0][0]):
        found[0] = found[0][1:]
        found = [rest for rest in found if rest]
    return found


def shell_words(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the letters of a shell's options, and its operands (POSIX: sh, "OPTIONS"; bash(1)).

    Each ``o``, and bash's ``O``, takes the next word, also in ``-euo pipefail -c``.
    """
    letters, index = "", 1
    while index < len(words):
        word = words[index]
        if word in ("-", "--"):
            index += 1
            break
        if word.startswith("--"):
            index += 2 if word in ("--rcfile", "--init-file") else 1
        elif word[:1] in ("-", "+"):
            letters += word[1:] if word[0] == "-" else ""
            index += 1 + len(re.findall("[oO]", word))
        elif unknown(word[:1]) and words[index + 1 : index + 2] and words[index + 1][:1] == "-":
            index += 1  # a variable that may hold an option
        else:
            break
    return letters, words[index:]


def _short(word: str, options: Options) -> tuple[int, bool]:
    for position, letter in enumerate(word[1:], 1):
        if letter in options.value:
            return (1 if position + 1 < len(word) else 2), False
        if letter not in options.flags and not letter.isdecimal():
            return 1, True
    return 1, False
