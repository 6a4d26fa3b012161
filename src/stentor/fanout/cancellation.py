"""A request to stop, which any thread or signal handler can make."""

from __future__ import annotations

import os
from _thread import RLock  # threading is slow to import
from collections.abc import Iterator
from contextlib import contextmanager


def _pipe() -> tuple[int, int]:
    return os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()


class Cancellation:
    """Wakes each fan-out and says why it is to stop; a second request asks them to stop at once.

    Safe to call from a signal handler or another thread. Close it when every fan-out with it is over: those
    that begin after a request begin nothing.
    """

    def __init__(self) -> None:
        # The first is readable from the first request on, the second from the next.
        self._pipes = [_pipe(), _pipe()]
        # Another thread's byte must not go to what has since been opened under that number.
        self._open = RLock()
        self.reason = ""
        self.requests = 0
        self._renewed: list[Cancellation] = []

    def request(self, reason: str) -> None:
        """Ask for the end; ``reason`` is shown in the report (``"Ctrl-C"``)."""
        self.reason = self.reason or reason
        self.requests += 1
        with self._open:
            # Both where this request's signal has come before the first one was written.
            for _, write in self._pipes[: self.requests]:
                os.write(write, b"\0")
        if self.requests > 1:
            for renewed in tuple(self._renewed):
                renewed.request_at_once(self.reason)

    @contextmanager
    def renewed(self, *, anew: bool = False) -> Iterator[Cancellation]:
        """One for what is done after the first request: a second request here ends that at once.

        Args:
            anew: only a request from now on does, not two that came before.
        """
        renewed = Cancellation()
        self._renewed.append(renewed)
        try:
            if self.requests > 1 and not anew:
                renewed.request_at_once(self.reason)
            yield renewed
        finally:
            self._renewed.remove(renewed)
            renewed.close()

    def request_at_once(self, reason: str) -> None:
        """Ask for the end as two requests do: what is under way is not waited for."""
        self.requests += 1
        self.request(reason)

    def fileno(self, after: int = 0) -> int:
        """Return what becomes and stays readable when there are more requests than ``after``: 0 or 1.

        -1 after the end.
        """
        return self._pipes[after][0] if self._pipes else -1

    def close(self) -> None:
        """Close the descriptors; safe more than once."""
        with self._open:
            pipes, self._pipes = self._pipes, []
            for pipe in pipes:
                for descriptor in pipe:
                    os.close(descriptor)
