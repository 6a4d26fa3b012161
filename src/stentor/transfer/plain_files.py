"""Ordinary files and folders out of a node's archive: most of what is fetched, and for tarfile the slow part.

It makes few calls of the system for a file where tarfile makes thirty, and has the system copy what is large.
Modes are those of tarfile's filter for data (PEP 706): group and other may not write, nothing is set-id, the
owner may read and write. Everything else (hard links, sparse files, devices) is left to tarfile.
"""

from __future__ import annotations

import os
import re
import tarfile
from contextlib import suppress
from typing import IO

_SMALL = 256 * 1024  # bytes that are read and written at once; what is larger the system copies
KINDS = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)
# Size, time and checksum of a header; a tar that writes them in another way is left to tarfile.
_NUMBERS = re.compile(rb"([0-7]{11})\0([0-7]{11})\0([0-7]{6})\0 ")
_SUM = slice(148, 156)
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Headers:
    """Reads headers of members: tarfile does, which takes as long for each as the system for the whole file.

    But what is as in a file's header which it has read, but for name, size and time, is not read again.
    """

    def __init__(self) -> None:
        self._known = b""  # of such a header: all but these, and the checksum over all
        self._mode = 0

    def read(self, header: bytes) -> tarfile.TarInfo | None:
        """Return an ordinary file or folder; None for any other member."""
        rest = header[100:124] + header[156:]
        numbers = _NUMBERS.match(header, 124) if rest == self._known else None
        if numbers and int(numbers[3], 8) == sum(header) - sum(header[_SUM]) + 8 * ord(" "):
            item = tarfile.TarInfo(os.fsdecode(header[:100].partition(b"\0")[0]))
            item.size, item.mtime, item.mode = int(numbers[1], 8), int(numbers[2], 8), self._mode
            return item
        try:
            item = tarfile.TarInfo.frombuf(header, tarfile.ENCODING, "surrogateescape")
        except tarfile.HeaderError:
            return None
        if item.type == tarfile.REGTYPE and not header[345]:  # the name is not continued there
            self._known, self._mode = rest, item.mode
        return item if item.type in KINDS else None


class PlainFiles:
    """Puts members of an archive into a folder.

    Args:
        archive: a file.
        into: a folder of ours, without links in it.
    """

    def __init__(self, archive: IO[bytes], into: str) -> None:
        self._archive = archive.fileno() if _is_a_file(archive) else -1
        self._into = into

    def extract(self, item: tarfile.TarInfo) -> bool:
        """Return False if this is not a member for us, and nothing was done.

        Args:
            item: a member; that its name stays within the folder has been looked at.

        Raises:
            OSError: it cannot be written.
            tarfile.TarError: the archive ends before the member does.
        """
        if self._archive < 0 or item.sparse is not None:
            return False
        if item.type not in KINDS:
            return False
        path = os.path.join(self._into, item.name)
        if item.type == tarfile.DIRTYPE:
            make_folder(path, item)
            return True
        descriptor = create(path)
        try:
            self._copy(item, descriptor)
            set_mode(descriptor, item)
        finally:
            os.close(descriptor)
        return True

    def _copy(self, item: tarfile.TarInfo, descriptor: int) -> None:
        at, left = item.offset_data, item.size
        by_system = left > _SMALL and hasattr(os, "copy_file_range")
        while left:
            if by_system:
                try:
                    done = os.copy_file_range(self._archive, descriptor, left, at)
                except OSError:  # not on this file system; a full disk says so below, too
                    by_system = False
                    continue
            else:
                data = os.pread(self._archive, min(left, _SMALL), at)
                done = len(data)
                write(descriptor, data)
            if not done:
                raise tarfile.ReadError("unexpected end of data")
            at += done
            left -= done


def _is_a_file(archive: IO[bytes]) -> bool:
    try:
        archive.fileno()
    except OSError:
        return False
    return True


def make_folder(path: str, item: tarfile.TarInfo) -> None:
    """Make a member that is a folder."""
    os.makedirs(path, exist_ok=True)
    _set_time(path, item)


def create(path: str) -> int:
    """Open a new file."""
    try:
        return os.open(path, _FLAGS, 0o600)
    except FileNotFoundError:  # an archive need not name the folders above
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, _FLAGS, 0o600)


def write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def set_mode(descriptor: int, item: tarfile.TarInfo) -> None:
    """Set mode and time of a file that has been written."""
    mode = item.mode & (0o755 if item.mode & 0o100 else 0o644) | 0o600
    with suppress(OSError):
        os.fchmod(descriptor, mode)
    _set_time(descriptor, item)


def _set_time(file: int | str, item: tarfile.TarInfo) -> None:
    with suppress(OSError, OverflowError, ValueError):  # as tarfile: a time that cannot be is no failure
        os.utime(file, (item.mtime, item.mtime))
