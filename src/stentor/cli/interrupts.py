"""Ctrl-C for a change that takes its nodes back when it is interrupted."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from stentor.typed import Any, Self

_AGAIN = 0.02  # seconds until an interrupt that came at a bad moment is raised again


class Interrupts:
    """Keeps Ctrl-C from cutting short what shows an event; a context manager.

    It is for what must be inside the iterator of events to act on it: there nodes are ended and taken back.
    What comes while an event is shown is raised again when the iterator has the word.
    """

    def __init__(self) -> None:
        self._showing = False
        self._waits = False
        self._again: threading.Timer | None = None
        self._before: Any = None

    def __enter__(self) -> Self:
        with suppress(ValueError):  # not the main thread: signals are somebody else's
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                self._before = signal.signal(signal.SIGINT, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        if self._again:
            self._again.cancel()
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """While an event is shown."""
        self._showing = True
        try:
            yield
        finally:
            self._showing = False
            if self._waits:
                self._waits = False
                self._again = threading.Timer(_AGAIN, os.kill, (os.getpid(), signal.SIGINT))
                self._again.daemon = True
                self._again.start()

    def _came(self, _: int, __: FrameType | None) -> None:
        if not self._showing:
            raise KeyboardInterrupt
        self._waits = True
