"""A clock beside what waits: so that a line on the terminal goes on while nothing comes in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST = 1.0  # what is quicker draws nothing
EVERY = 1.0


@contextmanager
def ticking(draw: Callable[[float], None], *, wanted: bool = True) -> Iterator[threading.Lock]:
    """Call ``draw`` with the seconds since the beginning, once a second from the first one on.

    Args:
        draw: in a thread of its own, while it holds the lock.
        wanted: whether to do it at all.

    Yields:
        The lock; hold it while you change or write what ``draw`` reads or writes.
    """
    lock = threading.Lock()
    if not wanted:
        yield lock
        return
    ended = threading.Event()
    begun = time.monotonic()

    def run() -> None:
        pause = FIRST
        while not ended.wait(pause):
            pause = EVERY
            with lock:
                draw(time.monotonic() - begun)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield lock
    finally:
        ended.set()
        thread.join()
