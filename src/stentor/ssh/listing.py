"""The masters that listen for a fleet: which, since when, and their end."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from stentor.fleet.model import Fleet
from stentor.ssh.master import master_answers, stop_master
from stentor.ssh.rundir import Known, run_directory


class Master(NamedTuple):
    """One warm connection.

    Attributes:
        alias: the node's, or empty if no node is known for this control path any more.
        path: the control path.
        pid: the process which keeps it; 0 if it is dead and only its socket is left.
        since: when it began, seconds since the epoch.
    """

    alias: str
    path: str
    pid: int
    since: float


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
            found.append(
                Master(aliases.get(entry.path, ""), entry.path, master_answers(entry.path), status.st_mtime)
            )
    order = {alias: place for place, alias in enumerate(fleet.nodes)}
    return sorted(found, key=lambda master: (order.get(master.alias, len(order)), master.path))


def stop(master: Master) -> bool:
    """End a master and its sessions; whether it is gone now."""
    return stop_master(master.path)
