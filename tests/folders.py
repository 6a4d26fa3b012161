"""Folders of a run of the tests: they go with it, or where it was killed when the next one begins.

Beside each folder is a file ``FOLDER.running``, locked by the process whose folder it is. No lock outlives
its process; so whoever can lock the file knows that this one is dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

from stentor.lab import processes
from stentor.lab.directory import remove_tree
from tests.support import light_folder

RUN = "STENTOR_TESTS"  # in the environment of all that a run starts: its folder
_RUNNING = ".running"


def make(prefix: str) -> Path:
    """Make a folder which is this process's own, in memory if there is space."""
    folder = tempfile.mkdtemp(prefix=prefix, dir=light_folder())
    with tempfile.NamedTemporaryFile(dir=light_folder(), prefix=prefix, delete=False) as file:
        fcntl.flock(os.dup(file.fileno()), fcntl.LOCK_EX)  # until this process ends
        os.rename(file.name, folder + _RUNNING)  # not before: a run that begins just now would lock it
    return Path(folder)


def forget(folder: Path) -> None:
    """Leave a folder to whoever wants to look at it, or remove it: no other run will."""
    Path(f"{folder}{_RUNNING}").unlink(missing_ok=True)


def remove_dead(*prefixes: str) -> list[Path]:
    """Remove what killed runs of this account left, with what they left running; return the folders.

    One on which something is mounted that only root can take away stays.
    """
    removed = []
    for prefix in prefixes:
        for running in sorted(Path(light_folder()).glob(f"{prefix}*{_RUNNING}")):
            with contextlib.suppress(OSError), open(running, "rb") as file:
                if os.fstat(file.fileno()).st_uid != os.geteuid():
                    continue
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                folder = running.with_suffix("")
                _end(folder)
                if _unmounted(folder):
                    remove_tree(folder)
                    running.unlink()
                    removed.append(folder)
    return removed


def _end(folder: Path) -> None:
    for _ in range(3):  # what one of them starts meanwhile
        left = _left(folder)
        processes.kill(left)
        processes.wait_gone(left)


def _unmounted(folder: Path) -> bool:
    """Take away what is mounted below a folder; return whether nothing is any more."""
    for place in reversed(_mounts(folder)):
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    return not _mounts(folder)


def _mounts(folder: Path) -> list[str]:
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [place for place in places if place == str(folder) or place.startswith(f"{folder}/")]


def _left(folder: Path) -> list[int]:
    """Processes of a run: its children, by their environment, and the nodes of its labs, by their marker."""
    names = ("HOME", "STENTOR_TEST", "stentor-lab")  # and no PWD: somebody may be there to look
    wanted = [os.fsencode(f"{name}={folder}/") for name in names] + [os.fsencode(f"{RUN}={folder}\0")]
    found = []
    for pid in (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()):
        with contextlib.suppress(OSError, ValueError):
            said = processes.content(pid, "cmdline") + b"\0" + processes.content(pid, "environ")
            if any(text in said for text in wanted) and processes.read(pid).state != "Z":
                found.append(pid)
    return found
