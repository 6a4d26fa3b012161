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

from stentor.fanout.script import quote
from stentor.outcome import Outcome
from stentor.typed import NamedTuple

_SUDO = r"""
IFS= read -r stentor_password
tell() { echo "%(word)s $1" >&2; exit 77; }
command -v sudo >/dev/null 2>&1 || tell missing
if sudo -n -u %(user)s true 2>/dev/null; then
  unset stentor_password
  sudo -n -u %(user)s -- sh -c %(watched)s $$ %(command)s
  exit
fi
said=$(printf '%%s\n' "$stentor_password" | LC_ALL=C sudo -S -k -p '' -u %(user)s true 2>&1) || {
  case $said in
    *"not in the sudoers"*|*"not allowed"*|*"may not run"*) tell forbidden;;
    *"must have a tty"*|*"no tty present"*) tell tty;;
    *"unknown user"*) tell nobody;;
    *"incorrect password"*|*"Sorry, try again"*|*"no password was provided"*) tell wrong;;
    *) echo "$said" >&2; tell other;;
  esac
}
{ printf '%%s\n%%s\n' "$stentor_password" %(word)s; exec cat; } |
  sudo -S -k -p '' -u %(user)s -- sh -c %(stripped)s $$ %(command)s
"""

# What the inner shell does first: everything up to the separator was for sudo.
_STRIP = 'while IFS= read -r line && [ "$line" != %s ]; do :; done; unset line\n'

# Run by sudo with the process to watch as $0 and the command as $1. A process of somebody else's is there
# even if no signal may be sent to it ("Operation not permitted").
_WATCHED = """(
  trap '' HUP INT TERM; LC_ALL=C; export LC_ALL
  here() { said=$(kill -0 $1 2>&1) || case $said in *ermitted*) ;; *) return 1;; esac; }
  end() { kill -$1 -$2 || kill -s $1 -- -$2; }
  while here $0; do sleep 0.5 || sleep 1; done
  end TERM $0; sleep 1; end KILL $0
) </dev/null >/dev/null 2>&1 &
sh -c "$1"
code=$?; kill -KILL $! 2>/dev/null; exit $code
"""

REASONS = {
    "wrong": ("sudo: wrong password", "try again; it is asked once for all nodes"),
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
    lines = [_escaped(value) for value in secrets.values()]
    script = "".join(
        f"IFS= read -r stentor_line; {name}=$(printf '%b.' \"$stentor_line\")\n"
        f"{name}=${{{name}%.}}; export {name}\n"
        for name in secrets
    )
    script += "unset stentor_line\n" if secrets else ""
    if sudo is None:
        script += f'exec "${{SHELL:-/bin/sh}}" -c {quote(command)}'
    else:
        lines.append(password)
        keep = f"--preserve-env={','.join(secrets)} " if secrets else ""
        user = f"{quote(sudo)} {keep}".rstrip()
        script += _SUDO % {
            "user": user,
            "word": word,
            "command": quote(command),
            "watched": quote(_WATCHED),
            "stripped": quote(_STRIP % word + _WATCHED),
        }
    return Prelude("exec sh -c " + quote(script), "".join(line + "\n" for line in lines).encode())


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
