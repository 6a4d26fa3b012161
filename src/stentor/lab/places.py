"""Where a lab keeps its things, and what it remembers of itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from stentor.errors import Refused, StentorError
from stentor.lab.plan import NodePlan

FORMAT = 1


def default_directory(environ: Mapping[str, str]) -> Path:
    """``$XDG_STATE_HOME/stentor/lab``, or the same below ``~/.local/state``."""
    state = environ.get("XDG_STATE_HOME") or ""
    if not state.startswith("/"):
        state = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local/state")
    return Path(state, "stentor", "lab")


class NodePlaces(NamedTuple):
    """The directory of one node, as the machine sees it."""

    root: Path

    @property
    def home(self) -> Path:
        """The node's HOME."""
        return self.root / "home"

    @property
    def etc(self) -> Path:
        """What lies over the machine's ``/etc`` in the node."""
        return self.root / "etc"

    @property
    def ssh(self) -> Path:
        """The node's ``/etc/ssh``."""
        return self.root / "etc" / "ssh"

    @property
    def run(self) -> Path:
        """The node's ``/run/lab``: its first process takes requests here, and logs."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """What the node's sshd says."""
        return self.root / "run" / "sshd.log"

    @property
    def local_bin(self) -> Path:
        """What lies over ``/usr/local/bin`` in the node, where that is needed."""
        return self.root / "local-bin"

    @property
    def upper(self) -> Path:
        """What a full node has written over the shared tree."""
        return self.root / "upper"

    @property
    def work(self) -> Path:
        """The overlay's own, beside it."""
        return self.root / "work"

    @property
    def faults(self) -> Path:
        """The names of the faults in force, one a line."""
        return self.root / "faults"

    @property
    def saved(self) -> Path:
        """What faults put aside, until they are healed."""
        return self.root / "saved"

    @property
    def marker(self) -> str:
        """The word by which the node's processes are known in the table of processes."""
        return f"stentor-lab={self.root}"


class Memory(NamedTuple):
    """What a lab remembers in ``lab.json``.

    Attributes:
        backend: the way its nodes are kept apart.
        numbered: what ``--nodes`` said, or None for the five named ones.
        max_sessions: sshd's ``MaxSessions``.
        nodes: the plan.
        terminals: whether logins with a terminal work.
        tree: the Debian which full nodes share; else empty.
    """

    backend: str
    numbered: int | None
    max_sessions: int
    nodes: tuple[NodePlan, ...]
    terminals: bool = True
    tree: str = ""


def remember(directory: Path, memory: Memory) -> None:
    """Write ``lab.json``."""
    data: dict[str, Any] = {**memory._asdict(), "stentor_lab": FORMAT}
    data["nodes"] = [node._asdict() for node in memory.nodes]
    write(directory / "lab.json", json.dumps(data, indent=1) + "\n")


def recall(directory: Path) -> Memory | None:
    """Read ``lab.json``; None where there is no lab."""
    path = directory / "lab.json"
    try:
        data = json.loads(path.read_text())
        if data.pop("stentor_lab") != FORMAT:
            raise Refused(
                "this lab was made by another version of stentor",
                where=str(path),
                hint=f"remove it by hand: rm -r {directory}",
            )
        data["nodes"] = tuple(NodePlan(**node) for node in data["nodes"])
        return Memory(**data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StentorError(
            f"this is not what a lab remembers: {error}",
            where=str(path),
            hint=f"if nothing in it is dear to you: rm -r {directory}",
        ) from error


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file in one step."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.chmod(mode)
    new.rename(path)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let one program at a time change the lab in ``directory``; the lock lies beside it.

    Raises:
        Refused: nothing can be written there.
    """
    lock = directory.with_name(f".{directory.name}.lock")
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        hint = "choose another --dir"
        raise Refused(f"no lab can live here: {error.strerror}", where=str(directory), hint=hint) from error
    while True:
        file = open(lock, "w")  # noqa: SIM115 - closed below, on either way
        fcntl.flock(file, fcntl.LOCK_EX)
        # Whoever had it before may have removed it with the lab; then it guards nothing.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                break
        file.close()
    with file:
        try:
            yield
        finally:
            if not directory.exists():
                lock.unlink(missing_ok=True)


OURS = (
    "nodes",
    "hub",
    "ssot",
    "lab.json",
    "ssh_config",
    "known_hosts",
    "client_key",
    "client_key.pub",
)


def debris(directory: Path) -> bool:
    """Whether nothing lies there but what a lab writes, as when its start was killed."""
    return all(name in OURS or name.removesuffix(".new") in OURS for name in os.listdir(directory))


def remove(directory: Path) -> None:
    """Remove all that a lab wrote, and its directory when nothing else lies in it."""
    for name in (*OURS, *(f"{name}.new" for name in OURS)):
        path = directory / name
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        directory.rmdir()


def remove_tree(path: Path) -> None:
    """Remove a directory, also when parts of it may not be written to."""
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o700)
    shutil.rmtree(path)
