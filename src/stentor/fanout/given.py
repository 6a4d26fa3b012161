"""What is sent to every node, when it can be read only once: kept as a file for the time of a fan-out."""

from __future__ import annotations

import os
from contextlib import suppress

from stentor.errors import Refused, UsageError
from stentor.typed import IO, Self

_CHUNK = 1024 * 1024


class Given:
    """What is sent to each node: a file that every session can open anew, gone at the end in any case."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk, of which was told
                self._file.close()
            if self._path:
                os.unlink(self._path)

    def path_of(self, stdin: bytes | str | None) -> str | None:
        """Return a path to open for bytes; that of a file stays what it is.

        Raises:
            UsageError: the file cannot be read.
            Refused: there is no room for the bytes.
        """
        if isinstance(stdin, bytes):
            from io import BytesIO

            return self.spool(BytesIO(stdin))
        if stdin is not None and not os.access(stdin, os.R_OK):
            raise UsageError(f"cannot read {stdin}", hint="give bytes, or a readable file")
        return stdin

    def spool(self, source: IO[bytes]) -> str:
        """Copy a stream that can be read only once; return a path to open.

        Raises:
            UsageError: it cannot be read.
            Refused: there is no room for the copy.
        """
        import tempfile

        try:
            number, path = tempfile.mkstemp(prefix="stentor-stdin-")
            self._file = open(number, "wb")  # noqa: SIM115 - closed in __exit__
            self._path = path
            while chunk := _read(source):
                self._file.write(chunk)
            self._file.flush()
        except OSError as error:
            raise Refused(
                f"what the nodes are to be sent cannot be kept meanwhile: {error.strerror}",
                where=os.path.dirname(self._path),
                hint="set TMPDIR to a directory with room",
            ) from None
        if os.path.exists(f"/proc/self/fd/{number}"):
            # Without a name it cannot be left behind, whatever becomes of us.
            os.unlink(path)
            self._path, path = "", f"/proc/self/fd/{number}"
        return path


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise UsageError(f"what the nodes are to be sent cannot be read: {error.strerror}") from None
