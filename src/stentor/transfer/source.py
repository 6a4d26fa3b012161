"""Read the source: files, links and directories; and make the parcels which are sent."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple

from stentor import programs
from stentor.errors import StentorError, UsageError, of_path
from stentor.opening import regular
from stentor.transfer import archive, remote
from stentor.transfer.plan import Entry, check
from stentor.transfer.sums import STRONG, Sink, digests

_BLOCK = 1024 * 1024
_MAC = 32  # digits of Poly1305
_SECOND = 1_000_000_000  # nanoseconds; st_mtime, a float, rounds the last of them up to the next second
_FORMAT = 0o170000  # the bits of a mode that say what it is


class Found(NamedTuple):
    """What is to be copied."""

    entries: tuple[Entry, ...]  # files, links and directories
    skipped: tuple[str, ...]  # what was left out because it is none of these
    single: str = ""  # the name of the one file that is the only source, and may get a new name; else empty


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
            walked: list[Entry] = []
            _walk(source.rstrip("/") or "/", base, walked, skipped)
        except OSError as error:
            raise UsageError(f"cannot be read: {error.strerror}", where=error.filename or source) from None
        if base == "" and not os.path.isdir(source):
            raise UsageError("is no directory", where=source, hint="leave the / at its end out")
        if base == "" and not walked:  # nothing to send, and yet the destination is to be made
            walked = [_directory(source)]
        entries += walked
    if len(sources) > 1:
        check(entries)
    single = entries[0].name if len(sources) == 1 and not os.path.isdir(sources[0]) and entries else ""
    return Found(tuple(entries), tuple(skipped), single)


def _directory(path: str) -> Entry:
    state = os.stat(path)
    return Entry(".", "directory", stat.S_IMODE(state.st_mode), state.st_mtime_ns // _SECOND, source=path)


def _walk(path: str, name: str, found: list[Entry], skipped: list[str]) -> None:
    """Add what is at a path, which is followed where it is a link, and all that is below it."""
    state = os.stat(path)
    if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
        what = "a pipe" if stat.S_ISFIFO(state.st_mode) else "a device or a socket"
        raise UsageError(f"it is {what}, not a file or a directory", where=path, hint="copy from a file")
    _add(path, name, state, found, skipped)
    if stat.S_ISDIR(state.st_mode):
        _walk_folder(path, f"{name}/" if name else "", found, skipped)


def _walk_folder(path: str, prefix: str, found: list[Entry], skipped: list[str]) -> None:
    front = path if path.endswith("/") else f"{path}/"
    # With scandir, whose entries have to be asked too, it takes longer.
    for child in sorted(os.listdir(path)):
        whole, name = front + child, prefix + child
        state = os.lstat(whole)
        _add(whole, name, state, found, skipped)
        if stat.S_ISDIR(state.st_mode):
            _walk_folder(whole, f"{name}/", found, skipped)


def _add(path: str, name: str, state: os.stat_result, found: list[Entry], skipped: list[str]) -> None:
    mode, modified = state.st_mode, state.st_mtime_ns // _SECOND
    kind = mode & _FORMAT
    if kind == stat.S_IFREG:
        found.append(Entry(name, "file", mode & 0o7777, modified, state.st_size, "", path))
    elif kind == stat.S_IFDIR:
        if name:
            found.append(Entry(name, "directory", mode & 0o7777, modified, source=path))
    elif kind == stat.S_IFLNK:
        found.append(Entry(name, "link", mode & 0o7777, modified, target=os.readlink(path), source=path))
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
        with open(path, "rb", opener=regular) as file:
            return digests(blocks(file), weak=weak)
    except OSError as error:
        raise of_path(error, "cannot be read", path) from None


class Packed(NamedTuple):
    """A parcel, and its bytes."""

    parcel: remote.Parcel
    file: IO[bytes]


def parcel_of(
    entries: Sequence[Entry], send: Iterable[int], modes_only: Iterable[int], *, weak: bool = False
) -> Packed:
    """Make what is sent to all nodes which lack the same.

    A single file goes as it is; anything else as an archive in a file without a name, which is gone with us.

    Args:
        send: numbers of those whose contents are sent.
        modes_only: numbers of those of which only mode and time are set.
        weak: compute cksum's sum too, for nodes that have nothing better.

    Raises:
        StentorError: a source changed or vanished in the meantime.
    """
    send, modes_only = tuple(send), tuple(modes_only)
    if len(send) == 1 and not modes_only and entries[send[0]].kind == "file":
        entry = entries[send[0]]
        try:
            file: IO[bytes] = open(entry.source, "rb", opener=regular)  # noqa: SIM115 - open to the end
            strong, crc = digests(blocks(file), weak=weak)
        except OSError as error:
            raise of_path(error, "cannot be read", entry.source) from None
        key = hashlib.sha256(f"{strong} {entry.name}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
        sums = {**dict.fromkeys(STRONG, strong), "cksum": crc}
        when = entry.modified
        parcel = remote.Parcel(key, entry.size, sums, entry.name, entry.mode, archive.stamp(when), when)
        return Packed(parcel, file)
    file, _ = nameless()
    sink = Sink(file, weak=weak)
    try:
        archive.write(entries, send, modes_only, sink)
        file.flush()
    except OSError as error:
        with suppress(OSError):  # it writes once more
            file.close()
        raise StentorError(
            f"the archive cannot be stored: {error.strerror}",
            where=tempfile.gettempdir(),
            hint="TMPDIR names another folder, with space for all that is sent",
        ) from None
    strong, crc = sink.digests()
    parcel = remote.Parcel(strong[:32], sink.size, {**dict.fromkeys(STRONG, strong), "cksum": crc})
    return Packed(parcel, file)


def with_mac(packed: Packed) -> Packed:
    """Return the parcel with a key and its Poly1305 (RFC 8439) by it, where ``openssl mac`` is here.

    It takes the nodes a third of SHA-256's time. The key is new and random: whatever is in them, that another
    2 GB have the same has a probability below 2**-75.
    """
    number = packed.file.fileno()
    path = f"/proc/{os.getpid()}/fd/{number}"
    key = os.urandom(32).hex()
    argv = ["openssl", "mac", "-in", path if os.path.exists(path) else packed.file.name]
    try:
        done = programs.run(
            [*argv, "-macopt", f"hexkey:{key}", "POLY1305"], os.environ, stderr=programs.DEVNULL
        )
    except StentorError:  # it is not installed
        return packed
    said = done.stdout.decode("ascii", "replace").strip()
    if done.code != 0 or len(said) != _MAC:  # LibreSSL's, and OpenSSL before 3
        return packed
    return packed._replace(parcel=packed.parcel._replace(mac=(key, said)))


def nameless() -> tuple[IO[bytes], str]:
    """Return a file which is gone with us, and a path to open it anew."""
    if os.path.exists("/proc/self/fd"):
        file: IO[bytes] = tempfile.TemporaryFile(prefix="stentor-copy-")  # noqa: SIM115 - open to the end
        return file, f"/proc/self/fd/{file.fileno()}"
    named: Any = tempfile.NamedTemporaryFile(prefix="stentor-copy-")  # noqa: SIM115 - open to the end
    return named, str(named.name)
