"""A request to stop, which any thread or signal handler can make."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Cancellation:
    """Wakes the fan-out and says why it is to stop; a second request asks it to stop at once.

    Safe to call from a signal handler or another thread. Close it when the fan-out is over.
    """

    def __init__(self) -> None:
        self._read, self._write = (
            os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()
        )
        self.reason = ""
        self.requests = 0
        self._heard = 0  # how many of them a fan-out knows of
        self._renewed: list[Cancellation] = []

    def request(self, reason: str) -> None:
        """Ask for the end; ``reason`` is shown in the report (``"Ctrl-C"``)."""
        self.reason = self.reason or reason
        self.requests += 1
        if self._write >= 0:
            os.write(self._write, b"\0")
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

    def fileno(self) -> int:
        """Return the descriptor that becomes readable with a request."""
        return self._read

    @property
    def unheard(self) -> bool:
        """Whether there is a request that no fan-out knows of: it came between two of them."""
        return self.requests > self._heard

    def drain(self) -> None:
        """Read the requests, so that the descriptor is no longer readable."""
        self._heard = self.requests
        with suppress(BlockingIOError):  # another thread asks just now
            os.read(self._read, 4096)

    def close(self) -> None:
        """Close the descriptors; safe more than once."""
        for descriptor in (self._read, self._write):
            if descriptor >= 0:
                os.close(descriptor)
        self._read = self._write = -1
