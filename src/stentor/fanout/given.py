"""What is sent to every node, when it can be read only once: kept as a file for the time of a fan-out."""

from __future__ import annotations

import os
from contextlib import suppress

from stentor.errors import Refused, UsageError
from stentor.typed import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from stentor.fanout.task import Stream

_CHUNK = 1024 * 1024
MOST_BYTES = 10_000_000_000  # of what must be kept in a file, since it is read several times


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
        if stdin is None or (os.path.isfile(stdin) and os.access(stdin, os.R_OK)):
            return stdin
        from stentor.opening import open_stream

        try:
            with open_stream(stdin) as source:
                return self.spool(source)
        except OSError as error:
            what = f"cannot read {stdin}: {error.strerror}"
            raise UsageError(what, hint="give bytes, or a readable file") from None

    def spool(self, source: IO[bytes]) -> str:
        """Copy a stream that can be read only once; return a path to open.

        Raises:
            UsageError: it cannot be read.
            Refused: there is no room for the copy.
        """
        import tempfile

        try:
            if os.path.exists("/proc/self/fd"):
                # Without a name it cannot be left behind, whatever becomes of us.
                self._file = tempfile.TemporaryFile(prefix="stentor-stdin-")  # noqa: SIM115 - closed in __exit__
                path = f"/proc/self/fd/{self._file.fileno()}"
            else:
                number, path = tempfile.mkstemp(prefix="stentor-stdin-")
                self._file, self._path = open(number, "wb"), path  # noqa: SIM115
            size = 0
            while chunk := _read(source):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Refused(
                        "what the nodes are to be sent has no end, or is more than 10 GB",
                        hint="give it as a file: < FILE",
                    )
                self._file.write(chunk)
            self._file.flush()
        except OSError as error:
            raise Refused(
                f"what the nodes are to be sent cannot be kept meanwhile: {error.strerror}",
                where=tempfile.tempdir or "",
                hint="set TMPDIR to a directory with space",
            ) from None
        return path


def spooled(stdin: str | Stream | None) -> str | None:
    """Return a path for what may be a stream, which is read to its end then."""
    return stdin if stdin is None or isinstance(stdin, str) else stdin.spool()


def _read(source: IO[bytes]) -> bytes:
    try:
        while (data := _now(source)) is None:
            from select import POLLIN, poll

            look = poll()
            look.register(source.fileno(), POLLIN)
            look.poll()
    except OSError as error:
        raise UsageError(f"what the nodes are to be sent cannot be read: {error.strerror}") from None
    return data


def _now(source: IO[bytes]) -> bytes | None:
    """What is there; None if nothing is yet, where another program that has it too has set it not to wait."""
    return source.read(_CHUNK)


READABLE = 1024 * 1024  # bytes of a script or an input that the guard reads and the journal keeps


def readable(path: str | Stream | None) -> str | None:
    """Return what a command will read from this file, as far as the guard reads; None if not known."""
    if not isinstance(path, str) or not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return file.read(READABLE).decode("utf-8", "replace")
