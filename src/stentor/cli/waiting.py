"""A line that says how long nodes have been asked, where nothing else is drawn meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stentor.cli.context import Context
from stentor.cli.displays import progress_wanted
from stentor.render.screen import Screen
from stentor.render.ticking import ticking


@contextmanager
def waiting(screen: Screen, context: Context, count: int, what: str = "asking") -> Iterator[None]:
    """Draw a line each second, from the second one on, until the block ends; it is removed then.

    Args:
        screen: where to draw; nothing else may be written to it in the block.
        context: says whether such a line disturbs (pipes, CI, plain output).
        count: how many nodes are asked.
        what: is done with them.
    """
    said = f"{what} {count} node{'s' if count > 1 else ''}"
    wanted = bool(count) and progress_wanted(screen, context)
    try:
        with ticking(lambda seconds: screen.draw(f"{said} ... {seconds:.0f} s"), wanted=wanted):
            yield
    finally:
        if wanted:
            screen.erase()
