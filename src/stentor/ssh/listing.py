"""The masters that listen for a fleet: which, since when, and their end."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.fleet.model import Fleet
from stentor.ssh.master import master_answers, stop_master
from stentor.ssh.rundir import Known, run_directory


class Master(NamedTuple):
    """One warm connection."""

    alias: str  # the node's, or empty if no node is known for this control path any more
    path: str  # the control path
    pid: int  # the process which keeps it; 0 if it is dead and only its socket is left
    since: float  # when it began, seconds since the epoch
    memory: int = 0  # bytes, with its part of what is shared; 0 where the system does not tell
    used: float = 0.0  # seconds of processor that it has had


def masters(fleet: Fleet, environ: Mapping[str, str]) -> list[Master]:
    """Return the masters of a fleet, in the fleet's order; dead sockets too.

    Raises:
        Refused: the folder of the sockets is not the user's own.
    """
    directory = run_directory(environ, fleet.root)
    aliases = Known(directory).aliases()
    found = []
    for entry in os.scandir(directory):
        status = entry.stat(follow_symlinks=False)
        # A temporary name with a dot belongs to a login under way.
        if stat.S_ISSOCK(status.st_mode) and "." not in entry.name:
            pid = master_answers(entry.path)
            alias = aliases.get(entry.path, "")
            found.append(Master(alias, entry.path, pid, status.st_mtime, _memory(pid), _used(pid)))
    order = {alias: place for place, alias in enumerate(fleet.nodes)}
    return sorted(found, key=lambda master: (order.get(master.alias, len(order)), master.path))


def least_used(found: Sequence[Master], most: int, now: float) -> list[Master]:
    """Return those to be ended so that the others need no more than ``most`` bytes: the least used first.

    Used is what has had more of the processor for each second since it began: commands and files do that.

    Args:
        most: bytes.
        now: seconds since the epoch.
    """
    left = sum(master.memory for master in found)
    ended = []
    for master in sorted(found, key=lambda master: master.used / max(now - master.since, 1)):
        if left <= most:
            break
        ended.append(master)
        left -= master.memory
    return ended


def _memory(pid: int) -> int:
    """Bytes, by Linux's proportional set size."""
    for line in _lines(pid, "smaps_rollup"):
        if line.startswith("Pss:"):
            return 1024 * int(line.split()[1])
    return 0


def _used(pid: int) -> float:
    """Seconds, by proc(5): utime and stime behind the name, which may hold blanks."""
    for line in _lines(pid, "stat"):
        return sum(map(int, line.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _lines(pid: int, name: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.readlines()
    except OSError:  # it has ended, or this is no Linux
        return []


def stop(master: Master, *, sessions: bool = True) -> bool:
    """End a master, and its sessions or with the last of them; whether it takes no new one now."""
    return stop_master(master.path, sessions=sessions)
