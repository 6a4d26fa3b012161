"""Opens the files that a user names: none of them is waited for without end.

Opening a pipe whose other end nobody has waits for ever; so does reading some devices. So a file is opened
without waiting, and looked at through its descriptor.
"""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import time

from stentor.typed import IO, Any

_OTHER_COMES = 5.0  # seconds for whoever has the other end of a pipe with a name
_LOOK_AGAIN = 0.02


def regular(path: str, flags: int = os.O_RDONLY) -> int:
    """Open a regular file: an ``opener`` for :func:`open`.

    Raises:
        OSError: it cannot be opened, or is no regular file; ``strerror`` says which.
    """
    descriptor = _opened(path, flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        os.set_blocking(descriptor, True)
        return descriptor
    os.close(descriptor)
    raise _refused(path, mode, "a file")


def open_stream(path: str) -> IO[bytes]:
    """Open a regular file or what can be read but once: a pipe (``<(...)``), a terminal, ``/dev/null``.

    Raises:
        OSError: it cannot be opened, is a device, or a pipe with a name to which nobody writes.
    """
    descriptor = _opened(path)
    try:
        first = _first(descriptor, path)
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return io.BufferedReader(_Stream(descriptor, first)) if first else open(descriptor, "rb")


def open_sink(path: str) -> int:
    """Open a device or a pipe (``>(...)``) for writing; return the descriptor.

    Raises:
        OSError: it cannot be opened, or is a pipe from which nobody reads.
    """
    until = time.monotonic() + _OTHER_COMES
    while True:
        try:
            descriptor = _opened(path, os.O_WRONLY)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                raise OSError(errno.ENXIO, "it is a pipe from which nobody reads", path) from None
            time.sleep(_LOOK_AGAIN)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


class _Stream(io.RawIOBase):
    """A pipe of which something was read already."""

    def __init__(self, descriptor: int, first: bytes) -> None:
        super().__init__()
        self._rest = io.FileIO(descriptor)
        self._first = first

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int | None:
        """Fill a buffer; return the number of bytes."""
        if not self._first:
            return self._rest.readinto(into)
        count = min(len(self._first), len(into))
        into[:count], self._first = self._first[:count], self._first[count:]
        return count

    def close(self) -> None:
        """Close the pipe."""
        self._rest.close()
        super().close()


def _opened(path: str, flags: int = os.O_RDONLY) -> int:
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)


def _first(descriptor: int, path: str) -> bytes:
    """Wait until somebody writes to a pipe with a name; return what had to be read to see that."""
    found = os.fstat(descriptor)
    if not stat.S_ISFIFO(found.st_mode):
        if not (stat.S_ISREG(found.st_mode) or os.isatty(descriptor) or _is_null(found)):
            raise _refused(path, found.st_mode, "a file or a pipe")
        return b""
    if os.path.realpath(path).startswith(("/proc/", "/dev/fd/")):
        return b""  # of this process: an empty one has an end
    look = select.poll()
    look.register(descriptor, select.POLLIN)
    until = time.monotonic() + _OTHER_COMES
    while not look.poll(0):
        try:
            if first := os.read(descriptor, 1):
                return first
        except BlockingIOError:
            return b""  # who writes is there
        if time.monotonic() > until:
            raise OSError(errno.ENXIO, "it is a pipe to which nobody writes", path)
        time.sleep(_LOOK_AGAIN)
    return b""


def _is_null(found: os.stat_result) -> bool:
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == os.stat(os.devnull).st_rdev


def _refused(path: str, mode: int, wanted: str) -> OSError:
    if stat.S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    what = "a pipe" if stat.S_ISFIFO(mode) else "a device"
    return OSError(errno.EINVAL, f"it is {what}, not {wanted}", path)
