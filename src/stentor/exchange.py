"""What a local program reads and writes, however much that is: its memory is bounded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

from stentor.errors import StentorError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

_CHUNK = 65536
_LOOK = 0.2  # seconds between two questions whether to stop
MOST_OUTPUT = 1 << 28  # bytes; who writes more has no end
MOST_ERRORS = 1 << 20  # bytes that are kept, the first


class Exchange:
    """Feeds a program, and collects what it writes where that is a pipe.

    Args:
        process: which has begun; its pipes are closed one by one.
        stdin: its standard input, where that is a pipe.
    """

    def __init__(self, process: Popen[bytes], stdin: bytes) -> None:
        import selectors

        self._process = process
        self._left = memoryview(stdin)
        self._written = {pipe: bytearray() for pipe in (process.stdout, process.stderr) if pipe}
        self._pipes = selectors.DefaultSelector()
        for pipe in self._written:
            self._pipes.register(pipe, selectors.EVENT_READ)
        if process.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            self._pipes.register(process.stdin, selectors.EVENT_WRITE)

    @property
    def stdout(self) -> bytes:
        """What it has written there."""
        return bytes(self._written[self._process.stdout]) if self._process.stdout else b""

    @property
    def stderr(self) -> bytes:
        """The first of what it has written there."""
        return bytes(self._written[self._process.stderr]) if self._process.stderr else b""

    def go_on(self, end: float | None, stop: Callable[[], bool] | None = None) -> bool:
        """Go on until the program has ended, and all it wrote is read; return False where it is too late.

        Args:
            end: when it is, by the monotonic clock.
            stop: asked several times a second whether it is.

        Raises:
            StentorError: it wrote too much.
        """
        while self._pipes.get_map() or self._process.poll() is None:
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or (stop is not None and stop()):
                return False
            if stop is not None:
                left = _LOOK if left is None else min(left, _LOOK)
            if not self._pipes.get_map():
                self._wait(left)
            for key, _ in self._pipes.select(left) if self._pipes.get_map() else ():
                pipe = key.fileobj
                over = self._feed(key.fd) if pipe is self._process.stdin else self._collect(pipe)
                if over:
                    self._pipes.unregister(pipe)
                    pipe.close()  # type: ignore[union-attr]
        return True

    def close(self) -> None:
        """Let go of the pipes, which stay open."""
        self._pipes.close()

    def _wait(self, seconds: float | None) -> None:
        import subprocess

        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _feed(self, descriptor: int) -> bool:
        try:
            self._left = self._left[os.write(descriptor, self._left[:_CHUNK]) :]
        except BlockingIOError:
            return False
        except OSError:
            return True  # nobody reads it any more
        return not self._left

    def _collect(self, pipe: object) -> bool:
        data = os.read(pipe.fileno(), _CHUNK)  # type: ignore[attr-defined]
        kept = self._written[pipe]  # type: ignore[index]
        if pipe is self._process.stdout:
            kept += data
            if len(kept) > MOST_OUTPUT:
                name = os.path.basename(str(self._process.args[0]))  # type: ignore[index]
                raise StentorError(f"{name} wrote more than {MOST_OUTPUT >> 20} MB, and was ended")
        else:
            kept += data[: max(0, MOST_ERRORS - len(kept))]
        return not data
