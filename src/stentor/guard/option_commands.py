"""Programs that run what an option says: ``tar --to-command``, ``rsync -e``, ``ssh -o ProxyCommand``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from stentor.guard.calls import Call, Inner
from stentor.guard.tools import read_line
from stentor.guard.variables import HOST, texts

_TARS = ("tar", "bsdtar", "gtar")
_SSH = ("ssh", "scp", "sftp")
# The options, and what stands behind the command when it is run: a remote shell is told a host and a command.
_OPTIONS = {
    **dict.fromkeys(
        _TARS, (("-I/--use-compress-program/--to-command/-F/--info-script/--new-volume-script", ""),)
    ),
    "rsync": (("-e/--rsh", HOST), ("--rsync-path", "")),
    "scp": (("-S", HOST),),
    "sftp": (("-S", HOST),),
}
_SSH_RUNS = re.compile(
    r"\s*(?:proxycommand|localcommand|remotecommand|knownhostscommand)\s*[=\s]\s*(.*)", re.I | re.S
)
_GIT_RUNS = re.compile(
    r"(?:.*\.)?(?:pager|editor|sshcommand|fsmonitor|external|askpass|gitproxy|textconv|clean|smudge|cmd|command)",
    re.I | re.S,
)


def names() -> tuple[str, ...]:
    """Every program that is looked at here."""
    return (*_OPTIONS, "git", "ssh")


def option_commands(call: Call) -> list[Inner]:
    """Return the commands which stand in the options of a command."""
    return texts(_texts(call.words))


def _texts(words: tuple[str, ...]) -> Iterator[str]:
    name = words[0].rpartition("/")[2]
    if name == "git":
        yield from _of_git(words)
    if name in _SSH:
        yield from _of_ssh(words)
    if name not in _OPTIONS:
        return
    for guess in (False, True):  # of what an option takes that is not known
        line = read_line(words, unknown_takes_value=guess)
        for option, behind in _OPTIONS[name]:
            yield from (f"{value}{behind}" for value in line.values(option) if value)
        for action in line.values("--checkpoint-action") if name in _TARS else ():
            yield action.partition("exec=")[2]


def _of_ssh(words: tuple[str, ...]) -> Iterator[str]:
    """``-o ProxyCommand=…`` and its like (ssh_config(5))."""
    for before, word in pairwise(words):
        given = word if re.fullmatch(r"-[A-Za-z0-9]*o", before) else word[2:] if word[:2] == "-o" else ""
        if said := _SSH_RUNS.fullmatch(given):
            yield said[1]


def _of_git(words: tuple[str, ...]) -> Iterator[str]:
    """``-c alias.x='!…'``, ``config alias.x '!…'`` and ``rebase --exec`` (git-config(1), git-rebase(1))."""
    for before, word in pairwise(words):
        key, _, value = word.partition("=")
        if before == "-c" and (value[:1] == "!" or _GIT_RUNS.fullmatch(key)):
            yield value.lstrip("!")
        elif "config" in words and (word[:1] == "!" or _GIT_RUNS.fullmatch(before)):
            yield word.lstrip("!")
        elif "rebase" in words and (before in ("-x", "--exec") or key == "--exec"):
            yield value if key == "--exec" else word
