"""Read the source: files, links and directories; and make the parcels which are sent."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from stentor.errors import StentorError, UsageError
from stentor.sh.quoting import quote
from stentor.transfer import remote
from stentor.transfer.plan import Entry, attributes, check
from stentor.transfer.sums import STRONG, Cksum, digests

_BLOCK = 1024 * 1024


class Found(NamedTuple):
    """What is to be copied, and what was left out because it is neither file, link nor directory."""

    entries: tuple[Entry, ...]
    skipped: tuple[str, ...]


def find(sources: Sequence[str]) -> Found:
    """Return all that is to be copied. A directory ending in ``/`` means its contents, as of rsync.

    A source that is itself a link is followed; links inside directories stay links.

    Raises:
        UsageError: a source cannot be read, or two have the same name.
    """
    entries: list[Entry] = []
    skipped: list[str] = []
    for source in sources:
        base = "" if source.endswith("/") else os.path.basename(os.path.abspath(source))
        try:
            walked = list(_walk(source.rstrip("/") or "/", base, skipped, os.stat))
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", where=error.filename or source) from None
        if base == "" and not os.path.isdir(source):
            raise UsageError("is no directory", where=source, hint="leave the / at its end out")
        entries += walked
    check(entries)
    return Found(tuple(entries), tuple(skipped))


def _walk(path: str, name: str, skipped: list[str], look: Any = os.lstat) -> Iterator[Entry]:
    state = look(path)
    mode, modified = stat.S_IMODE(state.st_mode), int(state.st_mtime)
    if stat.S_ISLNK(state.st_mode):
        yield Entry(name, "link", mode, modified, target=os.readlink(path), source=path)
    elif stat.S_ISREG(state.st_mode):
        yield Entry(name, "file", mode, modified, state.st_size, source=path)
    elif stat.S_ISDIR(state.st_mode):
        if name:
            yield Entry(name, "directory", mode, modified, source=path)
        for child in sorted(os.listdir(path)):
            yield from _walk(os.path.join(path, child), f"{name}/{child}" if name else child, skipped)
    else:
        skipped.append(path)


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file piece by piece."""
    while block := file.read(_BLOCK):
        yield block


def digest_of(path: str, *, weak: bool = False) -> tuple[str, str]:
    """SHA-256 of a file's contents, and cksum's sum if ``weak``.

    Raises:
        StentorError: it cannot be read any more.
    """
    try:
        with open(path, "rb") as file:
            return digests(blocks(file), weak=weak)
    except OSError as error:
        raise StentorError(f"cannot be read: {error.strerror}", where=path) from None


def stamp(seconds: int) -> str:
    """Seconds since 1970 as ``touch -t`` takes them in UTC."""
    return time.strftime("%Y%m%d%H%M.%S", time.gmtime(max(seconds, 0)))


class Packed(NamedTuple):
    """A parcel, and the path of its bytes."""

    parcel: remote.Parcel
    path: str
    file: IO[bytes] | None = None


def parcel_of(
    entries: Sequence[Entry], send: Iterable[int], modes_only: Iterable[int], *, weak: bool = False
) -> Packed:
    """Make what is sent to all nodes which lack the same.

    A single file goes as it is; anything else as an archive in a file without a name, which is gone with us.

    Args:
        entries: the source.
        send: numbers of those whose contents are sent.
        modes_only: numbers of those of which only mode and time are set.
        weak: compute cksum's sum too, for nodes that have nothing better.

    Raises:
        StentorError: a source changed or vanished in the meantime.
    """
    send, modes_only = tuple(send), tuple(modes_only)
    if len(send) == 1 and not modes_only and entries[send[0]].kind == "file":
        entry = entries[send[0]]
        strong, crc = digest_of(entry.source, weak=weak)
        key = hashlib.sha256(f"{strong} {entry.name}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
        sums = {**dict.fromkeys(STRONG, strong), "cksum": crc}
        return Packed(
            remote.Parcel(key, entry.size, sums, entry.name, entry.mode, stamp(entry.modified)), entry.source
        )
    file, path = nameless()
    hashing = _Hashing(file, weak)
    _pack(entries, send, modes_only, hashing)
    file.flush()
    strong, crc = hashing.strong.hexdigest(), hashing.crc.hexdigest() if hashing.crc else ""
    parcel = remote.Parcel(strong[:32], hashing.size, {**dict.fromkeys(STRONG, strong), "cksum": crc})
    return Packed(parcel, path, file)


def nameless() -> tuple[IO[bytes], str]:
    """Return a file which is gone with us, and a path to open it anew."""
    if os.path.exists("/proc/self/fd"):
        file: IO[bytes] = tempfile.TemporaryFile(prefix="stentor-copy-")  # noqa: SIM115 - open to the end
        return file, f"/proc/self/fd/{file.fileno()}"
    named: Any = tempfile.NamedTemporaryFile(prefix="stentor-copy-")  # noqa: SIM115 - open to the end
    return named, str(named.name)


class _Hashing:
    """Writes to a file and computes checksums on the way."""

    def __init__(self, file: IO[bytes], weak: bool) -> None:
        self.strong = hashlib.sha256()
        self.crc = Cksum() if weak else None
        self.size = 0
        self._file = file

    def write(self, data: bytes) -> int:
        self.strong.update(data)
        if self.crc:
            self.crc.update(data)
        self.size += len(data)
        return self._file.write(data)


def _pack(entries: Sequence[Entry], send: Sequence[int], modes_only: Sequence[int], into: _Hashing) -> None:
    """Write the archive: ``files/`` and ``after``, which sets modes and times of what is in place.

    GNU's format, which busybox and BSD read, long names and all. The same source gives the same bytes.
    """
    chosen = [entries[number] for number in send]
    late = [entry for entry in chosen if entry.kind == "directory"] + [
        entries[number] for number in modes_only
    ]
    after = attributes(late, quote, stamp).encode("utf-8", "surrogateescape")
    with tarfile.open(
        fileobj=into,
        mode="w|",
        format=tarfile.GNU_FORMAT,
        errors="surrogateescape",
        bufsize=_BLOCK,  # type: ignore[call-overload]
    ) as archive:
        head = tarfile.TarInfo("after")
        head.size, head.mode = len(after), 0o600
        archive.addfile(head, io.BytesIO(after))
        modes = {entry.name: entry.mode | 0o700 for entry in chosen if entry.kind == "directory"}
        for name in sorted(_folders(chosen)):
            item = tarfile.TarInfo(f"files/{name}".rstrip("/"))
            item.type, item.mode = tarfile.DIRTYPE, modes.get(name, 0o755)
            archive.addfile(item)
        for entry in chosen:
            _add(archive, entry)


def _folders(chosen: Iterable[Entry]) -> set[str]:
    found = {""}
    for entry in chosen:
        name = entry.name if entry.kind == "directory" else os.path.dirname(entry.name)
        while name:
            found.add(name)
            name = os.path.dirname(name)
    return found


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    item = tarfile.TarInfo(f"files/{entry.name}")
    item.mode, item.mtime, item.size = entry.mode, entry.modified, entry.size
    if entry.kind == "link":
        item.type, item.linkname = tarfile.SYMTYPE, entry.target
        archive.addfile(item)
    elif entry.kind == "file":
        try:
            with open(entry.source, "rb") as file:
                archive.addfile(item, file)
        except OSError as error:
            why = error.strerror or "it became shorter while it was read"
            raise StentorError(f"cannot be read: {why}", where=entry.source) from None
