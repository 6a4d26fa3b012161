"""Secrets for a command, by its standard input alone: what is sent, and what the answer means.

Neither a node's process list nor any environment but the command's own, nor a log, ever holds
them: the first lines of the session's standard input are read by the shell's own ``read``, which
takes single bytes, so that what comes behind them is still there for the command.

For sudo the prompt is empty and its messages are asked for in English (``LC_ALL=C``) only while
the password is tried, so nothing depends on the node's language. A number used once separates
the password from the command's input: whether sudo reads the password or not (NOPASSWD for this
very command), the command never sees it.

What runs by sudo belongs to another user, and a login may not end it. So sudo starts a shell which watches
the session's first process, ours to end: when that is gone before the command, the watcher, which is of the
command's user, ends the session's process group, TERM first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from stentor import sh
from stentor.outcome import Outcome
from stentor.sh.quoting import quote
from stentor.typed import NamedTuple

REASONS = {
    "wrong": ("sudo: wrong password", "try again; it is asked once for all nodes"),
    "unasked": (
        "sudo: the node asks for a password, and none was given",
        "run it on a terminal, to be asked",
    ),
    "forbidden": ("sudo: this user may not", "a line in the node's sudoers, or another user with --user"),
    "tty": ("sudo: the node wants a terminal (requiretty)", "Defaults !requiretty in the node's sudoers"),
    "missing": ("sudo is not installed", "log in as root with --user root, or install sudo there"),
    "nobody": ("sudo: no such user on the node", "see --sudo=USER"),
    "other": ("sudo failed", "see what it said on stderr"),
}


class Prelude(NamedTuple):
    """A command which reads its secrets first, and the lines which it reads."""

    command: str
    lines: bytes


def build(command: str, secrets: Mapping[str, str], *, sudo: str | None, password: str, word: str) -> Prelude:
    """Put secrets in front of a command.

    Args:
        command: for the login shell.
        secrets: variables by name.
        sudo: as which user to run it by sudo; None for no sudo.
        password: for sudo; empty where none is known.
        word: random letters, new with each operation.
    """
    lines = [word, *map(_escaped, secrets.values())]
    reads = f"arrived {word}\n" + "".join(f"secret {name}\n" for name in secrets)
    if sudo is None:
        call = f'{reads}exec "${{SHELL:-/bin/sh}}" -c {quote(command)}'
        script = sh.join("secrets", call=call)
    else:
        lines.append(password)
        given = sh.assign(
            sudo_user=sudo,
            sudo_keep=f"--preserve-env={','.join(secrets)}" if secrets else "",
            sudo_word=word,
            sudo_command=command,
            sudo_watched=sh.join("watched", call='watched "$0" "$1"'),
        )
        script = sh.join("secrets", "sudo", front=given, call=f"{reads}by_sudo")
    return Prelude(sh.command(script), "".join(line + "\n" for line in lines).encode())


def _escaped(value: str) -> str:
    """One line for ``printf %b``: octal for backslashes, line ends and all else that is not plain."""
    return "".join(c if c.isascii() and c.isprintable() and c != "\\" else _octal(c) for c in value)


def _octal(character: str) -> str:
    return "".join(f"\\0{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))


class Verdicts:
    """Takes sudo's answer out of each node's stderr, and makes an outcome of it."""

    def __init__(self, word: str) -> None:
        self._pattern = re.compile(rb"(?m)^" + word.encode() + rb" (\w+)\r?\n?")
        self._word = word.encode()
        self._held: dict[str, bytes] = {}
        self._found: dict[str, str] = {}

    def stderr(self, node: str, data: bytes) -> bytes:
        """Take bytes of a node's stderr; return those which are the command's own."""
        data = self._held.pop(node, b"") + data
        match = self._pattern.search(data)
        if match and data.endswith(b"\n"):
            self._found[node] = match[1].decode()
            return data[: match.start()] + data[match.end() :]
        start = data.rfind(b"\n") + 1
        last = data[start:]
        if last and (self._word.startswith(last[: len(self._word)]) or last.startswith(self._word)):
            self._held[node] = last
            return data[:start]
        return data

    def rest(self, node: str) -> bytes:
        """Return what was held back, at the node's end."""
        return self._held.pop(node, b"")

    def outcome(self, outcome: Outcome) -> Outcome:
        """Return the outcome with what sudo said, if it said anything."""
        word = self._found.get(outcome.node)
        if word is None or outcome.kind != "failed":
            return outcome
        reason, hint = REASONS.get(word, REASONS["other"])
        return outcome._replace(kind="denied", code=None, reason=reason, hint=hint)
