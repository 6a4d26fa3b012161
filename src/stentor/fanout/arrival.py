"""Find out on the node whether its standard input arrives.

A start-up file of the login shell may read it (``cat >/dev/null`` in .bashrc), and a command that then
reads nothing ends well. So a line is sent in front, which the node must find there before the command begins.
"""

from __future__ import annotations

import os
import weakref

from stentor import sh
from stentor.fanout.task import Stream

MOST = 16_000_000  # bytes of a file that is sent with a line in front: it is kept in memory once more

LOST = " || exec sh -c 'exit 74'; "
"""Between the look and the command. In csh `|| exit` does not end it."""


def checked(command: str, stdin: str | Stream, owner: object) -> tuple[str, str | Stream]:
    """Return a command which looks first, and what it is sent; as they are where nothing can be lost.

    Args:
        command: for any login shell.
        stdin: a path, or a stream.
        owner: as long as it lives, what is returned can be read.
    """
    word = "stentor-" + os.urandom(8).hex()
    line = f"{word}\n".encode()
    if not isinstance(stdin, str):
        return _looks(command, word), Stream(stdin.descriptor, stdin.spool, line)
    if not (os.path.isfile(stdin) and 0 < os.path.getsize(stdin) <= MOST):
        return command, stdin
    try:
        number = os.memfd_create("stentor-stdin")
    except (AttributeError, OSError):  # not on Linux
        return command, stdin
    weakref.finalize(owner, os.close, number)
    with open(number, "wb", closefd=False) as both, open(stdin, "rb") as own:
        both.write(line + own.read())
    return _looks(command, word), f"/proc/self/fd/{number}"


def _looks(command: str, word: str) -> str:
    look = sh.command(sh.join("arrived", call=f"arrived {word}")).removeprefix("exec ")
    return f"{look}{LOST}{command}"
