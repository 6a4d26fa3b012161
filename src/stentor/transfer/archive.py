"""The archive of a copy: GNU's tar format, which busybox and BSD read, long names and all.

Headers of ordinary names are put together here, since with twenty thousand files :mod:`tarfile` takes longer
than all the rest; the others are its own. The same source gives the same bytes.
"""

from __future__ import annotations

import os
import tarfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from stentor.errors import StentorError
from stentor.opening import regular
from stentor.transfer.plan import Entry, attributes
from stentor.transfer.sums import Sink

_PIECE = 1024 * 1024  # bytes that are hashed and written together
_BLOCK = 512
_RECORD = 10240
_NAME = 100
_SIZE = 8**11  # what eleven octal digits hold; sizes, and seconds
_LAST = 253402300799  # 9999-12-31 23:59:59
_RWX = 0o700
_FILE, _LINK, _FOLDER = b"0", b"2", b"5"
# User, group and device numbers are 0, their names empty.
_MIDDLE = b"0000000\0" * 2
_END = b"ustar  \0".ljust(255, b"\0")
_BLANKS = sum(b" " * 8)  # what the checksum counts in its own place
_NO_LINK = _FILE + bytes(_NAME) + _END
_NO_LINK_SUM = sum(_NO_LINK)


def write(entries: Sequence[Entry], send: Sequence[int], modes_only: Sequence[int], into: Sink) -> None:
    """Write an archive of ``tree``: ``after``, modes and times to be set in the destination, and ``files/``.

    A folder comes twice, before what is in it and at the end: a tar that sets its time at once would set it
    before it puts something into it.

    Args:
        send: numbers of those whose contents are sent.
        modes_only: numbers of those of which only mode and time are set.
        into: takes the bytes.

    Raises:
        StentorError: a source changed or vanished in the meantime.
    """
    parts: list[bytes] = []
    size = 0
    for part in _parts(entries, send, modes_only):
        parts.append(part)
        size += len(part)
        if size >= _PIECE:
            into.write(b"".join(parts))
            parts.clear()
            size = 0
    parts.append(bytes(2 * _BLOCK))
    into.write(b"".join(parts))
    into.write(bytes(-into.size % _RECORD))


def _parts(entries: Sequence[Entry], send: Sequence[int], modes_only: Sequence[int]) -> Iterator[bytes]:
    chosen = [entries[number] for number in send]
    folders = [entry for entry in chosen if entry.kind == "directory"]
    # Nothing could be put into some, and the destination itself is not among what is moved.
    late = [entry for entry in folders if entry.mode & _RWX != _RWX or entry.name == "."]
    after = _bytes(attributes([*late, *(entries[number] for number in modes_only)], stamp))
    yield header(b"tree/", _RWX, 0, 0, _FOLDER)
    yield header(b"tree/after", 0o600, len(after), 0, _FILE)
    yield after + bytes(-len(after) % _BLOCK)
    headers = {entry.name: _folder(entry.name, entry.mode | _RWX, entry.modified) for entry in folders}
    for name in sorted(_all_folders(chosen)):
        yield headers.get(name) or _folder(name, 0o755, 0)
    for entry in chosen:
        if entry.kind == "link":
            yield header(_place(entry.name), entry.mode, 0, entry.modified, _LINK, _bytes(entry.target))
        elif entry.kind == "file":
            yield header(_place(entry.name), entry.mode, entry.size, entry.modified, _FILE)
            yield from _contents(entry)
            if entry.size % _BLOCK:
                yield bytes(-entry.size % _BLOCK)
    for name in sorted(headers, key=lambda name: -name.count("/")):
        yield headers[name]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _place(name: str) -> bytes:
    return b"tree/files/" + _bytes(name)


def _folder(name: str, mode: int, modified: int) -> bytes:
    return header(_place(name).rstrip(b"/") + b"/", mode, 0, modified, _FOLDER)


def _all_folders(chosen: Iterable[Entry]) -> set[str]:
    found = {""}
    for entry in chosen:
        name = entry.name if entry.kind == "directory" else os.path.dirname(entry.name)
        while name not in found:
            found.add(name)
            name = os.path.dirname(name)
    return found


def header(name: bytes, mode: int, size: int, modified: int, kind: bytes, link: bytes = b"") -> bytes:
    """Return the header of a member.

    Args:
        name: of a folder with a slash at its end.
        mode: permission bits.
        size: bytes that follow.
        modified: seconds since 1970.
        kind: ``0`` a file, ``2`` a link, ``5`` a folder.
        link: a link's target.
    """
    if len(name) > _NAME or len(link) > _NAME or size >= _SIZE or not 0 <= modified < _SIZE:
        item = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
        item.mode, item.size, item.mtime, item.type = mode, size, modified, kind
        item.linkname = link.decode("utf-8", "surrogateescape")
        return item.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    front = b"%b%07o\0%b%011o\0%011o\0" % (name.ljust(_NAME, b"\0"), mode, _MIDDLE, size, modified)
    back, total = _NO_LINK, _NO_LINK_SUM
    if kind != _FILE:
        back = kind + link.ljust(_NAME, b"\0") + _END
        total = sum(back)
    return b"%b%06o\0 %b" % (front, sum(front) + _BLANKS + total, back)


def _contents(entry: Entry) -> Iterator[bytes]:
    try:
        descriptor = regular(entry.source)
        try:
            left = entry.size
            while left:
                block = os.read(descriptor, min(left, _PIECE))
                if not block:
                    _unreadable(entry, "it became shorter while it was read")
                left -= len(block)
                yield block
        finally:
            os.close(descriptor)
    except OSError as error:
        _unreadable(entry, str(error.strerror))


def _unreadable(entry: Entry, why: str) -> NoReturn:
    raise StentorError(f"cannot be read: {why}", where=entry.source) from None


def stamp(seconds: int) -> str:
    """Seconds since 1970 as ``touch -t`` takes them in UTC, which has four digits for a year."""
    return time.strftime("%Y%m%d%H%M.%S", time.gmtime(min(max(seconds, 0), _LAST)))
