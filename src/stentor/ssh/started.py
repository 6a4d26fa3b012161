"""What a login has started, wherever it went: found by its environment, ended with the login.

A ProxyCommand may leave ssh's process group and outlive it. Where the system does not show the environment of
processes (macOS has no ``/proc``), only what stays in the process group is ended.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Collection
from contextlib import suppress

# In the environment of a login through something, and so of all that it starts.
MARK = "STENTOR_LOGIN"
_ROUNDS = 3  # a process that is being killed may have started another one


def end_marked(marks: Collection[str]) -> None:
    """Kill every process with one of these marks, but no master that the user's configuration keeps."""
    wanted = {f"{MARK}={mark}".encode() for mark in marks}
    for _ in range(_ROUNDS):
        found = [
            pid
            for pid in _others()
            if wanted & set(_read(pid, "environ").split(b"\0")) and not _is_master(pid)
        ]
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _others() -> list[int]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    me = os.getpid()
    return [int(name) for name in names if name.isdecimal() and int(name) != me]


def _is_master(pid: int) -> bool:
    """Whether this is a background master: others may have sessions on it, and it was asked to stay."""
    return _read(pid, "cmdline").rstrip(b"\0 ").endswith(b"[mux]")


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:  # it has ended, or is somebody else's
        return b""
