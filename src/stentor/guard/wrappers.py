"""Commands that run other commands: what do they run? Pure.

Each wrapper knows which of its options take a value. An option that it does not know is read
both ways, so that a new option never hides a command.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import NamedTuple

from stentor.guard.quick import NAMES
from stentor.guard.reader import Call
from stentor.guard.words import AMBIENT, COMPUTED, MARKS

SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


class Inner(NamedTuple):
    """What a wrapper runs: words, or text for a shell with its positional parameters."""

    words: tuple[str, ...] = ()
    text: str | None = None
    positional: tuple[str, ...] = ()


class Options(NamedTuple):
    """How a wrapper's own words are told from those of what it runs.

    Attributes:
        value: short options which take a value.
        flags: short options which take none.
        long_value: long options which take a value as the next word.
        skip: operands before the command (``timeout 5``).
        assignments: whether ``A=b`` may come before the command.
    """

    value: str = ""
    flags: str = ""
    long_value: tuple[str, ...] = ()
    skip: int = 0
    assignments: bool = False


_SUDO_LONG = ("user", "group", "host", "prompt", "chdir", "chroot", "role", "type")
_SYSTEMD_LONG = (
    "unit",
    "property",
    "uid",
    "gid",
    "slice",
    "description",
    "setenv",
    "on-calendar",
    "on-active",
)
_PREFIXES = {
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
    "systemd-run": Options("puHMGEt", "dqSPr", (*_SYSTEMD_LONG, "working-directory")),
    "strace": Options("eopsuEIPSaXOb", "cCdfFhiknqrtTvVwxyYzZ"),
    "ltrace": Options("eopsunlaAF", "bcCfhiLrStTV"),
    "setarch": Options("", "RFXBLISTZv", skip=1),
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
    "flock": Options("wE", "xsneouF", ("timeout", "wait", "conflict-exit-code"), skip=1),
}  # fmt: skip
_ANYWHERE = {
    "clush",
    "pdsh",
    "ansible",
    "stentor",
    "expect",
    "bwrap",
    "mosh",
    "parallel",
    "screen",
    "tmux",
    "setpriv",
    "firejail",
    "at",
    "batch",
}


def inner(call: Call) -> list[Inner]:
    """Return what this command runs; nothing if it runs nothing but itself."""
    name = name_of(call.words)
    special = _SPECIAL.get(name)
    if special:
        return special(call)
    if name in SHELLS:
        return _shell(call)
    if name in _PREFIXES:
        return [Inner(words) for words in _after_options(call.words, _PREFIXES[name])]
    if name in _ANYWHERE:
        return _any_suffix(call.words)
    return []


def names() -> set[str]:
    """Every wrapper's name."""
    return {*_SPECIAL, *SHELLS, *_PREFIXES, *_ANYWHERE}


def name_of(words: tuple[str, ...]) -> str:
    """The command's name without its folder."""
    name = words[0].rpartition("/")[2]
    return "mkfs" if name.startswith("mkfs.") else name


def _after_options(words: tuple[str, ...], options: Options) -> list[tuple[str, ...]]:
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
        elif word.startswith("-") and len(word) > 1:
            step, unsure = _short(word, options)
            index, doubtful = index + step, doubtful or unsure
        elif options.assignments and _ASSIGNMENT.fullmatch(word):
            index += 1
        else:
            break
    starts = [index + options.skip, *([index + options.skip + 1] if doubtful else [])]
    found = [words[start:] for start in starts if words[start:]]
    while options.assignments and found and _ASSIGNMENT.fullmatch(found[0][0]):
        found[0] = found[0][1:]
        found = [rest for rest in found if rest]
    return found


def _short(word: str, options: Options) -> tuple[int, bool]:
    for position, letter in enumerate(word[1:], 1):
        if letter in options.value:
            return (1 if position + 1 < len(word) else 2), False
        if letter not in options.flags and not letter.isdigit():
            return 1, True
    return 1, False


def _any_suffix(words: tuple[str, ...]) -> list[Inner]:
    """For what hands its arguments on in ways of its own: each word may be where it begins."""
    found = [
        Inner(words[start:])
        for start in range(1, len(words))
        if words[start].rpartition("/")[2] in NAMES - _ANYWHERE or words[start].startswith("mkfs.")
    ]
    return found + [Inner(text=word) for word in words[1:] if " " in word.strip()]


def _shell(call: Call) -> list[Inner]:
    words = call.words
    for index, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            rest = [other for other in words[index + 1 :] if other != "--"]
            return [Inner(text=rest[0], positional=tuple(rest[1:]))] if rest else []
        if not word.startswith(("-", "+")):
            return []
    return []


def _sudo(call: Call) -> list[Inner]:
    words = call.words
    found = [Inner(rest) for rest in _after_options(words, _PREFIXES["sudo"])]
    shell = any(re.fullmatch(r"-[A-Za-z]*[si]|--shell|--login", word) for word in words[1:])
    if shell:
        found = [Inner(words=item.words, text=shlex.join(item.words)) for item in found] or [Inner(("sh",))]
    return found


def _env(call: Call) -> list[Inner]:
    for index, word in enumerate(call.words):
        if word in ("-S", "--split-string") and index + 1 < len(call.words):
            return [Inner(text=" ".join(call.words[index + 1 :]))]
        if word.startswith("--split-string="):
            return [Inner(text=" ".join((word.partition("=")[2], *call.words[index + 1 :])))]
        if re.fullmatch(r"-[iv0]*S.+", word):
            return [Inner(text=" ".join((word.partition("S")[2], *call.words[index + 1 :])))]
    return [Inner(rest) for rest in _after_options(call.words, _PREFIXES["env"])]


def _command(call: Call) -> list[Inner]:
    if any(re.fullmatch(r"-p?[vV]", word) for word in call.words[1:2]):
        return []  # only asks where a command is
    return [Inner(rest) for rest in _after_options(call.words, _PREFIXES["command"])]


def _user(call: Call) -> list[Inner]:
    words = call.words
    for index, word in enumerate(words[1:], 1):
        if re.fullmatch(r"-[a-z]*c|--command|--session-command", word) and index + 1 < len(words):
            return [Inner(text=words[index + 1])]
        if word.startswith(("--command=", "--session-command=")):
            return [Inner(text=word.partition("=")[2])]
    if name_of(words) == "runuser":
        return [Inner(rest) for rest in _after_options(words, Options("ugGs", "fmPlw", ("user",)))]
    return [Inner(("sh",))]


def _xargs(call: Call) -> list[Inner]:
    options = Options(
        "IndPLaEs",
        "0rtpxo",
        ("replace", "max-args", "delimiter", "max-procs", "max-lines", "arg-file", "max-chars"),
    )
    replaced = [call.words[i + 1] for i, word in enumerate(call.words[:-1]) if word == "-I"]
    replaced += [word[2:] for word in call.words if word.startswith("-I") and len(word) > 2]
    replaced += ["{}"] if any(word == "-i" or word.startswith("--replace") for word in call.words) else []
    found = []
    for rest in _after_options(call.words, options):
        for item in _fed(call):
            if replaced:
                found.append(Inner(tuple(word.replace(replaced[0], item) for word in rest)))
            else:
                found.append(Inner((*rest, item)))
    return found


def _fed(call: Call) -> list[str]:
    """What the commands before it in the pipeline hand over, as far as the line says."""
    if call.stdin is not None:
        return call.stdin.split() or [COMPUTED]
    items: list[str] = []
    for source in call.fed_by:
        name = name_of(source.words)
        operands = [word for word in source.words[1:] if not word.startswith("-")]
        if name in ("echo", "printf"):
            items += [
                part for word in operands for part in word.replace("\\n", " ").replace("\\0", " ").split()
            ]
        elif name == "find":
            roots = roots_of(source.words[1:]) or ["."]
            items += [f"{root}/x" for root in roots]
        elif name == "ls":
            items += [f"{root}/x" for root in operands] or ["./x"]
        elif name in (
            "cat",
            "seq",
            "git",
            "pgrep",
            "docker",
            "podman",
            "dpkg",
            "apt",
            "grep",
            "sort",
            "uniq",
            "head",
            "tail",
            "awk",
            "sed",
            "cut",
            "tr",
        ):
            items.append(COMPUTED)
        else:
            items.append(AMBIENT)
    return list(dict.fromkeys(items)) or [AMBIENT]


_TESTS = frozenset(
    [
        "-name",
        "-iname",
        "-path",
        "-ipath",
        "-regex",
        "-iregex",
        "-mtime",
        "-mmin",
        "-ctime",
        "-cmin",
        "-atime",
        "-amin",
        "-newer",
        "-size",
        "-empty",
        "-inum",
        "-user",
        "-group",
        "-perm",
        "-lname",
        "-samefile",
        "-xtype",
        "-nouser",
        "-nogroup",
    ]
)


def narrowed(words: tuple[str, ...]) -> bool:
    """Whether a ``find`` takes only some of what is below its roots."""
    return not _TESTS.isdisjoint(words)


def roots_of(words: tuple[str, ...]) -> list[str]:
    """Where a ``find`` begins.

    Args:
        words: after the name.
    """
    roots = []
    for word in words:
        if word.startswith(("-", "(", "!")):
            if word in ("-H", "-L", "-P"):
                continue
            break
        roots.append(word)
    return roots


_ON_TREES = {"rm": "-r", "chmod": "-R", "chown": "-R", "chgrp": "-R"}


def _find(call: Call) -> list[Inner]:
    words = call.words
    found: list[Inner] = []
    for index, word in enumerate(words):
        if word not in ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec"):
            continue
        ends = [at for at, other in enumerate(words) if at > index and other in (";", "+")]
        rest = words[index + 1 : ends[0] if ends else len(words)]
        for root in roots_of(words[1:]) or ["."]:
            found += _for_each(rest, root, narrowed(words))
    return found


def _for_each(rest: tuple[str, ...], root: str, narrow: bool) -> list[Inner]:
    """What ``-exec`` runs: on all below a root it is what ``-R`` would do to the root."""
    if not rest:
        return []
    option = _ON_TREES.get(name_of(rest), "")
    if option and (not narrow or root == "/"):
        return [Inner((rest[0], option, *(word.replace("{}", root) for word in rest[1:])))]
    return [Inner(tuple(word.replace("{}", f"{root}/x") for word in rest))]


def _ssh(call: Call) -> list[Inner]:
    """Ssh joins its words to one text, and quotes are lost on the way; so it is read both ways."""
    options = Options("BbcDEeFIiJLlmOopQRSWw", "46AaCfGgKkMNnqsTtVvXxYy")
    found = [rest[1:] for rest in _after_options(call.words, options) if rest[1:]]
    return [Inner(rest, " ".join(rest)) for rest in found]


def _joined(call: Call) -> list[Inner]:
    return [Inner(text=" ".join(call.words[1:]))] if call.words[1:] else []


def _flock(call: Call) -> list[Inner]:
    for index, word in enumerate(call.words[:-1]):
        if word in ("-c", "--command"):
            return [Inner(text=call.words[index + 1])]
    return [Inner(rest) for rest in _after_options(call.words, _PREFIXES["flock"])]


def _watch(call: Call) -> list[Inner]:
    options = Options("nq", "bcdegptwx", ("interval",))
    return [Inner(rest, " ".join(rest)) for rest in _after_options(call.words, options)]


def _script(call: Call) -> list[Inner]:
    for index, word in enumerate(call.words[:-1]):
        if re.fullmatch(r"-[a-z]*c|--command", word):
            return [Inner(text=call.words[index + 1])]
    return []


def _trap(call: Call) -> list[Inner]:
    return [Inner(text=call.words[1])] if len(call.words) > 2 and not call.words[1].startswith("-") else []


def _alias(call: Call) -> list[Inner]:
    return [Inner(text=word.partition("=")[2]) for word in call.words[1:] if "=" in word]


def _container(call: Call) -> list[Inner]:
    if call.words[1:2] != ("exec",):
        return []
    options = Options("euw", "dit", ("env", "user", "workdir"))
    return [Inner(rest[1:]) for rest in _after_options(call.words[1:], options) if rest[1:]]


_SPECIAL: dict[str, Callable[[Call], list[Inner]]] = {
    "sudo": _sudo,
    "env": _env,
    "command": _command,
    "su": _user,
    "runuser": _user,
    "xargs": _xargs,
    "find": _find,
    "fd": _find,
    "ssh": _ssh,
    "eval": _joined,
    "flock": _flock,
    "watch": _watch,
    "script": _script,
    "trap": _trap,
    "alias": _alias,
    "docker": _container,
    "podman": _container,
}


def unknown(text: str) -> bool:
    """Whether a word holds anything that the line does not say."""
    return any(mark in text for mark in MARKS)
