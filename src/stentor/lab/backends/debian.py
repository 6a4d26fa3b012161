"""The Debian 13 which full nodes share: made once by mmdebstrap, kept in the user's cache directory.

Trees of other versions on which no node runs are removed when a new one is made.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from stentor.errors import StentorError
from stentor.lab.directory import default_directory
from stentor.lab.plan import debian
from stentor.lab.programs import run


def make_tree(environ: Mapping[str, str], say: Callable[[str], None] = lambda _: None) -> Path:
    """The directory of the tree; it is made where it is not there yet, which takes a minute or more.

    Args:
        environ: names the cache directory, and the proxies for mmdebstrap.
        say: gets a line when the user will have to wait.

    Raises:
        StentorError: mmdebstrap failed.
    """
    mirror = debian.mirror_of(_sources())
    cache = default_directory(environ, "XDG_CACHE_HOME")
    wanted = cache / debian.tree_name(mirror=mirror)
    if wanted.is_dir():
        return wanted
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / ".making", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():  # another process may have made it while we waited
            _remove_unused(cache)
            count = len(debian.PACKAGES)
            say(f"making a Debian 13 of {count} packages in {wanted}, once; it takes a minute or two")
            _make(wanted, mirror, environ)
    return wanted


def _sources() -> Iterator[str]:
    folder = Path("/etc/apt")
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
        if path.suffix in (".list", ".sources"):
            with contextlib.suppress(OSError):
                yield path.read_text(errors="replace")


def _make(wanted: Path, mirror: str, environ: Mapping[str, str]) -> None:
    # A name of its own: where we are killed, mmdebstrap goes on in its folder, and the lock is free.
    new = wanted.with_name(f"{wanted.name}.{os.getpid()}.new")
    try:
        ran = run(debian.mmdebstrap(str(new), mirror), environ=environ)
        if ran.code:
            last = "; ".join(ran.stderr.strip().splitlines()[-2:])
            raise StentorError(f"mmdebstrap could not make a Debian 13 from {mirror}: {last}")
        new.rename(wanted)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _remove_unused(cache: Path) -> None:
    """Remove what was left half made, and trees on which no node runs."""
    for old in cache.glob(f"{debian.SUITE}-*"):
        with contextlib.suppress(OSError):
            handle = os.open(old, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
            finally:
                os.close(handle)
