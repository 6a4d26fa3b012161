"""Temporary folders of this program; those of one that was killed are removed by the next."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

from stentor import programs
from stentor.errors import StentorError

PREFIX = "stentor-"
_LITTLE = 65536  # bytes


@contextmanager
def folder() -> Iterator[str]:
    """Yield a new folder that is ours alone, which is gone at the end.

    Raises:
        StentorError: there is no room for what the block wrote there.
    """
    _clean_once()
    path = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    try:
        yield path
    except OSError as error:
        told = no_space(error, os.path.dirname(path))
        if told is None:
            raise
        raise told from None
    except StentorError as error:
        # A program that we started has met it, and said so in its own words.
        if (told := no_space(OSError(errno.ENOSPC, ""), os.path.dirname(path))) and not error.hint:
            error.hint = told.hint
        raise
    finally:
        shutil.rmtree(path, ignore_errors=True)


def no_space(error: OSError, place: str = "") -> StentorError | None:
    """Return what to say where a temporary file found no room; None where it is another error.

    Such an error names no file, and standard output may be full as well: so it is looked at.

    Args:
        place: where temporary files are; as the environment says by default.
    """
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    try:
        place = place or tempfile.gettempdir()
        found = os.statvfs(place)
    except OSError:
        return None
    # Python tries a folder for temporary files with one byte, for which there may be room.
    if found.f_bavail * found.f_frsize >= _LITTLE and found.f_favail:
        return None
    return StentorError(
        f"no space for temporary files: {error.strerror}",
        where=place,
        hint="set TMPDIR to a directory with space",
    )


@contextmanager
def memory(data: bytes) -> Iterator[str]:
    """Yield the path of a file with these bytes, for us and what we start; it is never on a disk.

    Where a system has no files in memory, it lies in a folder that is ours alone.
    """
    path = ""
    number = os.memfd_create("stentor") if hasattr(os, "memfd_create") else -1
    try:
        if number >= 0:
            os.write(number, data)
            path = f"/proc/{os.getpid()}/fd/{number}"
        if path and os.path.exists(path):
            yield path
            return
    finally:
        if number >= 0:
            os.close(number)
    with folder() as place:
        path = os.path.join(place, "data")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        yield path


@cache
def _clean_once() -> None:
    clean()


def clean(place: str = "", prefix: str = PREFIX) -> None:
    """Remove what programs that run no more have left: folders of this user's which carry their number.

    Args:
        place: where; the folder for temporary files by default.
        prefix: how their names begin, before the number.
    """
    with suppress(OSError), os.scandir(place or tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and _is_left_over(entry, prefix):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left_over(entry: os.DirEntry[str], prefix: str) -> bool:
    number, dash, _ = entry.name.removeprefix(prefix).partition("-")
    if not dash or not number.isascii() or not number.isdecimal() or len(number) > 10:
        return False
    found = entry.stat(follow_symlinks=False)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    return not programs.is_there(int(number))
