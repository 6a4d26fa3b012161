"""A node's archive as it comes: ordinary files and folders are written at once, beside the node's folder.

So they are written once, and not first as an archive. From the first member that is anything else (a link, a
name that needs a header of its own), the stream is kept as a file without a name, for tarfile.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
from typing import IO, NamedTuple

from stentor import sizes
from stentor.transfer import plain_files

# Without the node's name: .x-7-1234-... of node x-7 would look like what process 7 left for node x.
PREFIX = ".stentor-fetch-"
_BLOCK = 512
_HEAD = 60  # bytes, of which the reason tells


class Limits(NamedTuple):
    """What one node may send; more is an error, and nothing of it is kept."""

    size: int = 10_000_000_000  # bytes, of what it sends and of the files in it
    names: int = 1_000_000  # files, directories and links
    depth: int = 100  # directories in each other
    name: int = 4096  # letters of a name


class Count:
    """Counts members of an archive, and refuses what leads out of the folder and what is too much."""

    def __init__(self, limits: Limits) -> None:
        self.files = 0
        self.size = 0  # bytes of the files
        self._names = 0
        self._limits = limits

    def add(self, item: tarfile.TarInfo) -> None:
        """Count a member that has not been written yet.

        Raises:
            tarfile.ReadError: it must not be written.
        """
        self._names += 1
        self.files += item.isfile()
        self.size += item.size if item.isfile() else 0
        limits, parts = self._limits, item.name.split("/")
        if item.name.startswith("/") or ".." in parts:
            raise tarfile.ReadError(f"a name leads out of the folder: {item.name[:200]!r}")
        if item.size < 0:
            raise tarfile.ReadError(f"a size below 0: {item.name[:200]!r}")
        if self.size > limits.size:
            raise tarfile.ReadError(f"more than {sizes.shown(limits.size)}; --max-size allows more")
        if self._names > limits.names:
            raise tarfile.ReadError(f"more than {limits.names} names; fetch a part of it")
        if len(parts) > limits.depth:
            raise tarfile.ReadError(
                f"more than {limits.depth} directories in each other: {item.name[:200]!r}"
            )
        if max(len(item.name), len(item.linkname)) > limits.name:
            raise tarfile.ReadError(f"a name of more than {limits.name} letters: {item.name[:200]!r}")


class Arrival:
    """One stream; whatever goes wrong with it is raised by ``end``, so that all of it is taken.

    Args:
        folder: which has the node's.
        limits: what it may be.
    """

    def __init__(self, folder: str, limits: Limits) -> None:
        self.head = b""  # its first bytes
        self.count = Count(limits)
        self.rest: IO[bytes] | None = None  # what is left to tarfile
        self.stage = ""  # a folder of ours
        self.new = ""  # one in it, with what came
        self._folder = folder
        self._header = b""
        self._headers = plain_files.Headers()
        self._item: tarfile.TarInfo | None = None  # that is being written
        self._file = -1
        self._left = 0  # bytes of it which have not come
        self._skip = 0  # bytes up to the next header
        self._ended = False
        self._error: Exception | None = None
        self._stage: tempfile.TemporaryDirectory[str] | None = None

    def take(self, data: bytes) -> None:
        """Take what came next."""
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        if self._error is None and not self._ended:
            try:
                if not self._stage:
                    self._stage = self._begin()
                self._take(data)
            except Exception as error:
                self._error = error

    def end(self) -> None:
        """Take note that nothing more comes.

        Raises:
            OSError: it cannot be written.
            tarfile.TarError: the stream is broken, or must not be kept.
        """
        if self._error:
            raise self._error
        if self._item or self._skip:
            raise tarfile.ReadError("unexpected end of data")
        if self._header:
            self._leave(self._header)

    def close(self) -> None:
        """Remove what has not been put in place."""
        if self._file >= 0:
            os.close(self._file)
        if self.rest:
            self.rest.close()
        if self._stage:
            self._stage.cleanup()

    def _begin(self) -> tempfile.TemporaryDirectory[str]:
        # In the same folder, so that what is in it is put in place by renaming; /tmp may be small.
        made = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=self._folder)
        self.stage, self.new = made.name, os.path.join(made.name, "new")
        os.mkdir(self.new)
        return made

    def _take(self, data: bytes) -> None:
        at, size = 0, len(data)
        while at < size and not self._ended:
            if self.rest:
                self.rest.write(data[at:])
                return
            if self._item:
                part = data[at : at + self._left]
                plain_files.write(self._file, part)
                self._left -= len(part)
                at += len(part)
                if not self._left:
                    self._finish(self._item)
            elif self._skip:
                skipped = min(self._skip, size - at)
                self._skip -= skipped
                at += skipped
            else:
                part = data[at : at + _BLOCK - len(self._header)]
                self._header += part
                at += len(part)
                if len(self._header) == _BLOCK:
                    header, self._header = self._header, b""
                    self._member(header)

    def _member(self, header: bytes) -> None:
        if not any(header):
            self._ended = True
            return
        item = self._headers.read(header)
        if item is None:
            self._leave(header)
            return
        self.count.add(item)
        path = os.path.join(self.new, item.name)
        if item.type == tarfile.DIRTYPE:
            plain_files.make_folder(path, item)
            return
        self._file = plain_files.create(path)
        self._item, self._left, self._skip = item, item.size, -item.size % _BLOCK
        if not item.size:
            self._finish(item)

    def _finish(self, item: tarfile.TarInfo) -> None:
        self._item = None
        plain_files.set_mode(self._file, item)
        os.close(self._file)
        self._file = -1

    def _leave(self, header: bytes) -> None:
        """Leave everything from a header on to tarfile."""
        self.rest = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - open to the end
        self.rest.write(header)
        self._header = b""
