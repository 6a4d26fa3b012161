"""A script on many nodes without a file there: the interpreter reads it from standard input."""

from __future__ import annotations

from collections.abc import Sequence

from stentor import shells
from stentor.errors import UsageError
from stentor.sh.quoting import quote_any

# Interpreters which read the program from standard input for a dash.
_DASH = ("python", "perl", "ruby", "node", "lua")  # python3.11 too: compared without the version
HEAD = 4096  # bytes of a script that have its first line


def command(head: bytes, words: Sequence[str], *, name: str = "the script") -> str:
    """Return the command which runs a script that comes by standard input.

    Args:
        head: the script's beginning, its first line at least.
        name: the script's name, for errors.

    Raises:
        UsageError: it is no script.
    """
    if b"\0" in head:
        raise UsageError(
            f"{name} is a program, not a script",
            hint="--script sends text to an interpreter; copy a program to the nodes instead",
        )
    interpreter = _interpreter(head, name)
    arguments = [quote_any(word) for word in words]
    return " ".join([*map(quote_any, interpreter[:-1]), interpreter[-1], *arguments]).rstrip()


def _interpreter(head: bytes, name: str) -> list[str]:
    """The words before the arguments; the last one is written as it is."""
    line = head.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "surrogateescape")
    if not line.startswith("#!"):
        return ["sh", "-s", "--"]
    # The kernel takes all behind the interpreter as one argument; `env -S` splits it.
    path, _, rest = line[2:].strip().partition(" ")
    words = [path, *rest.split()]
    if not path:
        raise UsageError(f"the first line of {name} names no interpreter", hint="like #!/bin/sh")
    program = _basename(path)
    if program == "env":
        words = [word for word in words if word != "-S"]
        program = next((_basename(w) for w in words[1:] if not w.startswith("-") and "=" not in w), "")
        if not program:
            raise UsageError(
                f"the first line of {name} names no interpreter", hint="like #!/usr/bin/env python3"
            )
    if (_basename(words[-1]) if program == "busybox" else program) in shells.POSIX & shells.PROGRAMS:
        return [*words, "-s", "--"]
    if program.rstrip("0123456789.") in _DASH:
        return [*words, "-"]
    return [*words, "/dev/stdin"]


def _basename(path: str) -> str:
    return path.rpartition("/")[2]
