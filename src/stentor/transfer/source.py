"""Read the source: files, links and directories, each with its checksum, and pack them."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from stentor.errors import UsageError
from stentor.transfer.plan import SUMS, Entry, check

_BLOCK = 1024 * 1024


def entries(sources: Sequence[str]) -> tuple[Entry, ...]:
    """Return all that is to be copied. A directory ending in ``/`` means its contents, as of rsync.

    Raises:
        UsageError: a source cannot be read, or is neither file, link nor directory.
    """
    found: list[Entry] = []
    for source in sources:
        base = "" if source.endswith("/") else os.path.basename(os.path.abspath(source))
        try:
            found += _walk(source.rstrip("/") or "/", base)
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", where=error.filename or source) from None
    check(found)
    return tuple(found)


def _walk(path: str, name: str) -> Iterator[Entry]:
    state = os.lstat(path)
    mode, modified = stat.S_IMODE(state.st_mode), int(state.st_mtime)
    if stat.S_ISLNK(state.st_mode):
        yield Entry(name, "link", mode, modified, digest=os.readlink(path), source=path)
    elif stat.S_ISREG(state.st_mode):
        yield Entry(name, "file", mode, modified, state.st_size, digest_of(path), path)
    elif stat.S_ISDIR(state.st_mode):
        if name:
            yield Entry(name, "directory", mode, modified, source=path)
        for child in sorted(os.listdir(path)):
            yield from _walk(os.path.join(path, child), f"{name}/{child}" if name else child)
    else:
        raise UsageError("is neither a file, a link nor a directory", where=path)


def digest_of(path: str) -> str:
    """SHA-256 of a file's contents, as hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def pack(wanted: Iterable[Entry], into: IO[bytes]) -> None:
    """Write a tar stream of these entries, the checksums first; GNU's format, which busybox reads, too."""
    wanted = tuple(wanted)
    with tarfile.open(fileobj=into, mode="w", format=tarfile.GNU_FORMAT) as archive:
        sums = manifest(wanted).encode()
        head = tarfile.TarInfo(SUMS)
        head.size, head.mode = len(sums), 0o600
        archive.addfile(head, io.BytesIO(sums))
        for entry in wanted:
            item = tarfile.TarInfo(entry.name)
            item.mode, item.mtime, item.size = entry.mode, entry.modified, entry.size
            if entry.kind == "directory":
                item.type = tarfile.DIRTYPE
                archive.addfile(item)
            elif entry.kind == "link":
                item.type, item.linkname = tarfile.SYMTYPE, entry.digest
                archive.addfile(item)
            else:
                with open(entry.source, "rb") as file:
                    archive.addfile(item, file)


def manifest(wanted: Iterable[Entry]) -> str:
    """The checksums which the node must find, as ``sha256sum -c`` reads them."""
    return "".join(f"{entry.digest}  {entry.name}\n" for entry in wanted if entry.kind == "file")


def unpack(archive: IO[bytes], into: str) -> int:
    """Unpack a node's tar stream into a folder; nothing can leave it. Return the number of files.

    Raises:
        tarfile.TarError: the stream is broken, or tries to.
    """
    count = 0
    with tarfile.open(fileobj=archive, mode="r|*") as stream:
        for item in stream:
            stream.extract(item, into, filter="data")
            count += item.isfile()
    return count
