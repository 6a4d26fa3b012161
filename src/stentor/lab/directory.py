"""The directory of a lab: its lock, its record ``lab.json``, and what may be removed from it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from stentor.errors import Refused, StentorError, UsageError
from stentor.journal.file import user_directory
from stentor.lab.plan.nodes import NodePlan


def default_directory(environ: Mapping[str, str], variable: str = "XDG_STATE_HOME") -> Path:
    """The lab's directory below the one which the variable names, or below its default in HOME."""
    return Path(user_directory(environ, variable), "stentor", "lab")


# Of lab.json; raised when it changes.
FORMAT = 2


class Record(NamedTuple):
    """What ``lab.json`` holds."""

    backend: str  # the name of the way its nodes are kept apart
    numbered: int | None  # what ``--nodes`` said, or None for the five named ones
    max_sessions: int  # sshd's ``MaxSessions``
    nodes: tuple[NodePlan, ...]  # the plan
    terminals: bool = True  # whether logins with a terminal work
    tree: str = ""  # the Debian which full nodes share; else empty
    stentor_lab: int = FORMAT  # the version of this format


def save(directory: Path, record: Record) -> None:
    """Write ``lab.json``."""
    write_json(directory / "lab.json", record._asdict())


def load(directory: Path) -> Record | None:
    """Read ``lab.json``; None where there is no lab.

    Raises:
        UsageError: it is no directory.
        StentorError: it cannot be read as a lab of this version.
    """
    path = directory / "lab.json"
    try:
        record = Record(**json.loads(path.read_text()))
        if record.stentor_lab != FORMAT:
            raise ValueError(f"format {record.stentor_lab}")  # noqa: TRY301 - one message for all of these
        return record._replace(nodes=tuple(NodePlan(*node) for node in record.nodes))
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UsageError("it is no directory", where=str(directory)) from None
    except (OSError, ValueError, TypeError) as error:
        raise StentorError(
            f"not a lab of this version of stentor: {error}",
            where=str(path),
            hint=f"if you need nothing in it: end what 'pgrep -af {directory}' lists, then rm -r {directory}",
        ) from error


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file in one step; what a killed start leaves has a name that :func:`remove` knows."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.chmod(mode)
    new.rename(path)


def write_json(path: Path, data: object) -> None:
    """The same, for what programs read."""
    write(path, json.dumps(data) + "\n")


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let one program at a time change the lab in ``directory``; the lock file is beside it.

    Raises:
        Refused: nothing can be written there.
    """
    lock = directory.with_name(f".{directory.name}.lock")
    while True:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            _check_ours(directory)
            file = _opened(lock)
        except OSError as error:
            raise Refused(
                f"a lab cannot be made here: {error.strerror}",
                where=str(directory),
                hint="choose another --dir",
            ) from error
        fcntl.flock(file, fcntl.LOCK_EX)
        # The holder before may have removed the file with the lab; then it locks nothing.
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


def _opened(lock: Path) -> IO[bytes]:
    """Open the lock file; beside a lab in ``/tmp`` others may have put something under its name."""
    number = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    file = open(number, "r+b", buffering=0)  # noqa: SIM115 - the caller closes it
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        file.close()
        raise PermissionError(errno.EPERM, f"{lock} is another user's")
    return file


def _check_ours(directory: Path) -> None:
    """What a lab holds is run: nobody else may have put it there."""
    try:
        found = os.lstat(directory)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "it is not a folder that only you may write to")


OWN_FILES = (
    "nodes", "hub", "ssot", "lab.json", "ssh_config", "known_hosts", "client_key", "client_key.pub",
)  # fmt: skip


def only_own_files(directory: Path) -> bool:
    """Whether all files there are a lab's, as after a start which was killed."""
    return all(name in OWN_FILES or name.removesuffix(".new") in OWN_FILES for name in os.listdir(directory))


def remove(directory: Path) -> None:
    """Remove all that a lab wrote, and its directory when nothing else is in it."""
    for name in (*OWN_FILES, *(f"{name}.new" for name in OWN_FILES)):
        remove_path(directory / name)
    with contextlib.suppress(OSError):
        directory.rmdir()


def remove_path(path: Path) -> None:
    """Remove a file or a directory, if it is there."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    """Remove a directory, also when parts of it are not writable."""
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o700)
    shutil.rmtree(path)
