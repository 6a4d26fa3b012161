"""What stentor keeps on the machine it runs on, outside of the fleet's own files."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Literal, NamedTuple

from stentor import journal, programs, scratch
from stentor.errors import Refused, StentorError
from stentor.journal import state_directory
from stentor.journal.file import user_directory
from stentor.journal.query import running
from stentor.sh import STATE
from stentor.ssh.master import stop_master

Part = Literal["masters", "unit", "cache", "state", "journal", "practice fleet"]
SHARED = "/tmp"  # noqa: S108 - what is ours in it; see ssh/rundir.py
# What this machine keeps as a node lies in the same directory, and is removed as a node's.
_AS_NODE = ("dotfiles", "snapshots", "copies", "services", "fleet-lock")
_UNIT = "stentor-serve.service"
_SYSTEMD = 200.0  # seconds: a page ends its operations first


class Place(NamedTuple):
    """A file or folder of stentor's here."""

    part: Part  # what it is
    path: str  # where
    kilobytes: int  # on disk
    masters: int = 0  # how many connections are kept in it


def places(environ: Mapping[str, str]) -> list[Place]:
    """Return what is kept here by this environment, and belongs to this user."""
    found = [*_unit(environ), *_sockets(environ), *_cache(environ), *_state(environ)]
    return [place for place in found if _ours(place.path)]


def refuse_running(environ: Mapping[str, str]) -> None:
    """Refuse while an operation goes on or a page is served here: what it works with would be taken away."""
    try:
        with journal.read(environ) as book:
            found = running(book)
    except StentorError:  # a damaged journal is removed all the same
        found = []
    if found:
        one = found[0]
        raise Refused(
            f"operation {one.id} ({one.kind}) is in progress on this machine; nothing was removed",
            hint="run the command again when it has ended",
        )
    with unserved(environ):
        pass


@contextmanager
def unserved(environ: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock of ``stentor serve``, so that no page begins while what it works with is removed.

    Raises:
        Refused: a page is served: its sessions and deliveries would be taken from it.
    """
    with ExitStack() as held:
        with suppress(OSError):  # none was served here
            lock = held.enter_context(open(os.path.join(state_directory(environ), "serve", "lock"), "rb"))
            if not [*_unit(environ)]:  # with its unit it is ended by systemd
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Refused(
                        "a page is served by this user; nothing was removed from this machine",
                        hint="end it first: Ctrl-C where it runs, or systemctl --user stop stentor-serve",
                    ) from None
        yield


def remove(place: Place, environ: Mapping[str, str]) -> str:
    """Remove it, after its connections and what systemd runs of it; return why that failed, or nothing."""
    if place.part == "masters":
        stuck = [path for path in _listening(place.path) if not stop_master(path)]
        if stuck:
            return f"{len(stuck)} connections did not end"
    if place.part == "unit":
        with suppress(StentorError):  # without systemd nothing runs of it
            programs.run(["systemctl", "--user", "disable", "--now", _UNIT], environ, timeout=_SYSTEMD)
    try:
        if os.path.isdir(place.path) and not os.path.islink(place.path):
            shutil.rmtree(place.path)
        else:
            os.unlink(place.path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{error.filename or place.path}: {error.strerror}"
    return ""


def remove_empty(environ: Mapping[str, str]) -> None:
    """Remove the state directory itself where nothing is left in it, and what killed programs left."""
    scratch.clean()
    try:
        os.rmdir(state_directory(environ))
    except OSError:
        return


def _unit(environ: Mapping[str, str]) -> Iterator[Place]:
    """The page as a service, by ``stentor serve install``."""
    path = os.path.join(user_directory(environ, "XDG_CONFIG_HOME"), "systemd", "user", _UNIT)
    if os.path.lexists(path):
        yield Place("unit", path, _size(path))


def _sockets(environ: Mapping[str, str]) -> Iterator[Place]:
    user, runtime = os.geteuid(), environ.get("XDG_RUNTIME_DIR", "")
    folders = [f"{SHARED}/stentor-{user}"]
    if runtime:
        folders.insert(0, f"{runtime}/stentor")
    for folder in folders:
        if os.path.isdir(folder):
            yield Place("masters", folder, _size(folder), len([*_listening(folder)]))
    lock = f"{runtime or environ.get('TMUX_TMPDIR') or SHARED}/stentor-tmux-{user}.lock"
    if os.path.exists(lock):
        yield Place("state", lock, _size(lock))


def _listening(folder: str) -> Iterator[str]:
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            with suppress(FileNotFoundError):  # its master has just ended
                if "." not in name and stat.S_ISSOCK(os.lstat(path).st_mode):
                    yield path


def _cache(environ: Mapping[str, str]) -> Iterator[Place]:
    folder = os.path.join(user_directory(environ, "XDG_CACHE_HOME"), "stentor")
    if os.path.isdir(folder):
        yield Place("cache", folder, _size(folder))


def _state(environ: Mapping[str, str]) -> Iterator[Place]:
    folder = state_directory(environ)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    home = environ.get("HOME") or os.path.expanduser("~")
    as_node = os.path.realpath(folder) == os.path.realpath(os.path.join(home, STATE))
    for name in names:
        path = os.path.join(folder, name)
        if as_node and name.partition(".stale.")[0] in _AS_NODE:
            continue
        part: Part = "state"
        if name.startswith("journal."):
            part = "journal"
        elif any(os.path.exists(os.path.join(path, lab)) for lab in ("lab.json", "lab/lab.json")):
            part = "practice fleet"
        yield Place(part, path, _size(path))


def _ours(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.geteuid()
    except OSError:
        return False


def _size(path: str) -> int:
    """Kilobytes on disk of a file, or of all in a folder."""
    try:
        total = os.lstat(path).st_blocks
    except OSError:
        return 0
    for top, folders, names in os.walk(path):
        for name in (*folders, *names):
            try:
                total += os.lstat(os.path.join(top, name)).st_blocks
            except OSError:
                continue
    return (total + 1) // 2
