"""Whom ``kill``, ``pkill`` and ``killall`` signal, and whether the signal ends anything (signal(7))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard import units
from stentor.guard.calls import Call, name_of
from stentor.guard.match import Hit
from stentor.guard.paths import device, lost, mounted
from stentor.guard.words import AMBIENT, COMPUTED, unknown

_ENDS_NOTHING = frozenset((
    "0", "1", "10", "12", "17", "18", "23", "28", "HUP", "USR1", "USR2", "CHLD", "CONT", "URG",
    "WINCH", "INFO", "RTMIN", "RTMAX", "EXIT",
))  # fmt: skip
_WITH_VALUE = {
    "kill": "snq",
    "pkill": "gGPstuUFcJMN",
    "pgrep": "gGPstuUFcJMN",
    "killall": "sounyZ",
    "skill": "utp",
}
_LONG = (
    "--signal", "--parent", "--pgroup", "--group", "--session", "--terminal", "--euid", "--uid",
    "--user", "--pidfile",
)  # fmt: skip


def kill(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``kill``, ``pkill``, ``killall``, ``skill``."""
    name = name_of(words)
    signal, options, operands = _read(words, _WITH_VALUE.get(name, ""))
    if options & {"l", "L", "V", "--list", "--table", "--version", "--help"} or signal in _ENDS_NOTHING:
        return
    if name == "kill":
        yield from _processes(operands, call)
        return
    everyone = not operands
    for pattern in operands:
        bare = pattern.strip("^$").removeprefix("/usr").removeprefix("/sbin/").removeprefix("/bin/")
        if units.ssh(bare) or bare in ("sshd:", "sshd.*") or bare.startswith("sshd: "):
            yield "lock-out", f"{name} {pattern}: ends the ssh server or every login"
        elif units.network(bare):
            yield "network", f"{name} {pattern}: the node leaves the network"
        elif units.vital(bare):
            yield "lock-out", f"{name} {pattern}: logins depend on it"
        elif units.serving(bare):
            yield "kill-all", f"{name} {pattern}: others depend on it"
        elif re.fullmatch(r"\.?[*+]?", bare) or bare in ("systemd", "init", "dbus-daemon"):
            yield "kill-all", f"{name} {pattern}: ends far more than one program"
        elif unknown(pattern) and not pattern.strip(COMPUTED + AMBIENT):
            yield "kill-all", f"{name} of a name which the line does not say: empty means all"
    if everyone:
        yield "kill-all", "ends everything that a user runs"


def _read(words: tuple[str, ...], valued: str) -> tuple[str, set[str], list[str]]:
    """The signal's name or number, the other options, and who is meant."""
    signal, options = "TERM", set()
    operands: list[str] = []
    rest = iter(words[1:])
    for number, word in enumerate(rest):
        named = re.fullmatch(r"-(?:SIG)?([A-Z][A-Z0-9]+|\d+)", word)
        if word == "--":
            operands += rest
        elif named and not operands and (number == 0 or signal == "TERM") and word != "-1":
            signal = named[1]
        elif word == "-1" and number == 0 and len(words) > 2:
            signal = "1"
        elif word.startswith("--"):
            option, equals, value = word.partition("=")
            value = value if equals or option not in _LONG else next(rest, "")
            signal = value.removeprefix("SIG") if option == "--signal" else signal
            options.add(option)
        elif re.fullmatch(r"-\d+", word) or not word.startswith("-"):
            operands.append(word)
        else:
            options.add(word[1])
            if word[1] in valued:
                value = word[2:] or next(rest, "")
                signal = (
                    value.removeprefix("SIG")
                    if word[1] in "sn" and valued != _WITH_VALUE["pkill"]
                    else signal
                )
            else:
                options |= set(word[1:])
                if valued and any(letter in valued for letter in word[2:]):
                    next(rest, "")
    return signal, options, operands


def _processes(operands: list[str], call: Call) -> Iterator[Hit]:
    for who in operands:
        if who == "-1":
            yield "kill-all", "ends every process that you may end"
        elif who in ("1", "-0"):
            yield "kill-all", "signals process 1, the system itself"
    if any(unknown(who) for who in operands):
        for source in (*call.substitutes, *call.fed_by):
            name = name_of(source.words)
            if name in ("nvidia-smi", "rocm-smi", "amd-smi", "squeue", "scontrol"):
                yield "kill-all", "ends everything that computes"
            elif name in ("lsof", "fuser") and any(
                mounted(word) or lost(word) or device(word) for word in source.words[1:] if word[:1] == "/"
            ):
                yield "kill-all", f"ends everything that uses {' '.join(source.words[1:])}"
            elif (
                name == "ps"
                and not _chosen(call)
                and re.search(r" -\w*[eAuU]| a?u?x", " ".join(source.words))
            ):
                yield "kill-all", "ends everything that somebody runs"
            elif name == "pgrep":
                yield from kill((name, *source.words[1:]), source)
            elif any(_of_ssh(word) for word in source.words[1:]):
                yield "lock-out", "ends the ssh server or every login"
            elif served := [word for word in map(_program, source.words[1:]) if units.serving(word)]:
                yield "kill-all", f"ends {served[0]}: others depend on it"


def _chosen(call: Call) -> bool:
    """Whether what feeds a command is chosen by a pattern."""
    names = {name_of(source.words) for source in (*call.substitutes, *call.fed_by)}
    return not names.isdisjoint(("grep", "egrep", "rg", "awk", "gawk", "sed", "head", "tail"))


def _program(word: str) -> str:
    """The program that a word of ``pidof``, ``ps`` or ``grep`` is about, or whose number a file holds."""
    said = re.sub(r"[\[\]^$ ]", "", word)
    pattern = re.match(r"/(\w+)/(\{|$)", said)
    return pattern[1] if pattern else said.rpartition("/")[2].removesuffix(".pid")


def _of_ssh(word: str) -> bool:
    """Whether this word of ``pidof``, ``ps``, ``lsof`` or the like is about the ssh server."""
    said = re.sub(r"[\[\]/^$ ]", "", word)
    return units.ssh(said) or bool(re.fullmatch(r".*(sshd|dropbear)\.pid|-\w*i?(tcp)?:(22|ssh)|22tcp", said))
