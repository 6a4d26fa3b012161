"""Starting processes which stay, and asking sshds whether they are there."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from stentor.errors import StentorError
from stentor.lab import machine as machines


def spawn(words: Sequence[str], log: Path) -> int:
    """Start a process which outlives this one, in a session of its own; return its number."""
    program = machines.find(words[0], os.environ)
    if program is None:
        raise StentorError(f"{words[0]} has vanished")
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        program,
        list(words),
        {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGHUP],
    )


def silent(address: str, port: int, timeout: float = 0.2) -> bool:
    """Whether connecting to it gets no answer at all."""
    try:
        with socket.create_connection((address, port), timeout=timeout):
            return False
    except TimeoutError:
        return True
    except OSError:
        return False


def greets(address: str, port: int, timeout: float = 2.0) -> bool:
    """Whether an SSH server's banner comes."""
    try:
        with socket.create_connection((address, port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
