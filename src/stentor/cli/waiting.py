"""A line that says how long nodes have been asked, where nothing else is drawn meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stentor.cli.context import Context
from stentor.cli.displays import progress_wanted
from stentor.render.screen import Screen


@contextmanager
def waiting(screen: Screen, context: Context, count: int) -> Iterator[None]:
    """Draw a line each second, from the second one on, until the block ends; it is removed then.

    Args:
        screen: where to draw; nothing else may be written to it in the block.
        context: says whether such a line disturbs (pipes, CI, plain output).
        count: how many nodes are asked.
    """
    if not count or not progress_wanted(screen, context):
        yield
        return
    ended = threading.Event()
    begun = time.monotonic()

    def draw() -> None:
        while not ended.wait(1.0):
            nodes = f"{count} node{'s' if count > 1 else ''}"
            screen.draw(f"asking {nodes} ... {time.monotonic() - begun:.0f} s")

    thread = threading.Thread(target=draw, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        screen.erase()
