"""Bytes put aside until they are wanted: in memory while there is little, then in one unnamed file.

A thousand nodes with a few lines each stay in memory; a hundred megabytes of one node do not.
One file serves all pieces, since a thousand sessions already need most of the file descriptors.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from stentor.errors import StentorError

MEMORY = 16 * 1024 * 1024  # of all pieces together
PIECE = 1024 * 1024  # of one piece: what is longer makes room for the others
CHUNK = 256 * 1024


class Spool:
    """Owner of the memory's bound and of the file."""

    __slots__ = ("_directory", "_end", "_file", "_filed", "_piece", "held", "memory")

    def __init__(self, memory: int = MEMORY, piece: int = PIECE, directory: str | None = None) -> None:
        self.memory = memory  # bytes of all pieces together that may stay in memory
        self.held = 0
        self._piece = piece  # bytes of one piece that may stay in memory
        self._directory = directory  # where the file is made; None for the system's place for temporary files
        self._file = -1
        self._end = 0  # where the next bytes go
        self._filed = 0  # bytes in the file which are still wanted

    def piece(self) -> Piece:
        """Begin an empty piece."""
        return Piece(self)

    def close(self) -> None:
        """Give the file back; pieces in it cannot be read any more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()

    def has_room(self, size: int, extra: int) -> bool:
        """Whether a piece of ``size`` bytes in memory may grow by ``extra``."""
        return size + extra <= self._piece and self.held + extra <= self.memory

    def write(self, data: bytes | bytearray) -> int:
        """Append to the file; return the position of the first byte.

        Raises:
            StentorError: there is no room on the disk.
        """
        start = self._end
        try:
            if self._file < 0:
                self._file = self._open()
            rest = memoryview(data)
            while rest:
                written = os.pwrite(self._file, rest, self._end)
                self._end += written
                rest = rest[written:]
        except OSError as error:
            raise StentorError(
                f"output too large for memory could not be put on disk: {error.strerror}",
                hint="set TMPDIR to a directory with space, or write to files with --output-dir",
            ) from None
        self._filed += len(data)
        return start

    def read(self, start: int, size: int) -> bytes:
        """Read back from the file."""
        return os.pread(self._file, size, start)

    def forget(self, size: int) -> None:
        """``size`` bytes of the file are not wanted any more; empty it when none are."""
        self._filed -= size
        if not self._filed and self._file >= 0:
            os.ftruncate(self._file, 0)
            self._end = 0

    def _open(self) -> int:
        import tempfile

        number, path = tempfile.mkstemp(prefix="stentor-", dir=self._directory)
        os.unlink(path)
        return number


class Piece:
    """A growing run of bytes."""

    __slots__ = ("_extents", "_filed", "_memory", "_spool")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._memory = bytearray()
        self._extents: list[tuple[int, int]] = []  # (position, size), in order
        self._filed = 0

    def __len__(self) -> int:
        return self._filed + len(self._memory)

    @property
    def in_memory(self) -> bool:
        """Whether nothing of it is in the file."""
        return not self._extents

    def append(self, data: bytes) -> None:
        """Add bytes to the end."""
        if not data:
            return
        if not self._extents and self._spool.has_room(len(self._memory), len(data)):
            self._memory += data
            self._spool.held += len(data)
            return
        if self._memory:
            self._file(self._memory)
            self._spool.held -= len(self._memory)
            self._memory = bytearray()
        self._file(data)

    def _file(self, data: bytes | bytearray) -> None:
        start = self._spool.write(data)
        self._filed += len(data)
        if self._extents:
            last, size = self._extents[-1]
            if last + size == start:
                self._extents[-1] = (last, size + len(data))
                return
        self._extents.append((start, len(data)))

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a bounded part at a time."""
        for start, size in self._extents:
            for offset in range(0, size, CHUNK):
                yield self._spool.read(start + offset, min(CHUNK, size - offset))
        if self._memory:
            yield bytes(self._memory)

    def read(self) -> bytes:
        """All of it at once, however much it is."""
        return bytes(self._memory) if not self._extents else b"".join(self.chunks())

    def clear(self) -> None:
        """Forget the bytes; the piece can be used again."""
        self._spool.held -= len(self._memory)
        self._memory = bytearray()
        if self._extents:
            self._extents = []
            filed, self._filed = self._filed, 0
            self._spool.forget(filed)
