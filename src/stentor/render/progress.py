"""One line that says how far an operation is, for a person who waits longer than a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stentor.fanout.events import Finished
from stentor.outcome import Report
from stentor.render.names import brief
from stentor.render.screen import Screen
from stentor.render.style import shorten
from stentor.render.summary import duration

DELAY = 1.0  # seconds until it appears
FEW = 12  # names that are still worth reading


def progress(
    total: int, done: int, bad: int, waiting: Sequence[str], seconds: float, width: int, more: str = ""
) -> str:
    """Return the line: ``3/5 · 1 not ok · 12 s · waiting for prtr,zrtr``, at most ``width`` columns.

    Args:
        done: how many have finished.
        bad: how many of those are not ok.
        waiting: aliases of those which have not.
        seconds: since the start.
        width: columns.
        more: what else there is to say: ``3.1 MB of 40 MB``.
    """
    words = [f"{done}/{total}"]
    if bad:
        words.append(f"{bad} not ok")
    words.append(duration(seconds) if seconds < 1 else duration(int(seconds)).replace(".0", ""))
    if more:
        words.append(more)
    line = " · ".join(words)
    if waiting and len(waiting) <= FEW:
        room = width - len(line) - len(" · waiting for ")
        if room >= len(waiting[0]):
            line += " · waiting for " + brief(waiting, room)
    return shorten(line, width)


class Progress:
    """Draws the line from time to time, and takes it away at the end.

    Args:
        nodes: aliases, in the selection's order.
        clock: seconds that never go back; ``tick`` is given times of the same clock.
        more: says what else there is to say.
    """

    __slots__ = ("_bad", "_more", "_screen", "_start", "_total", "_waiting", "_wave")

    def __init__(
        self,
        screen: Screen,
        nodes: Sequence[str],
        clock: Callable[[], float],
        more: Callable[[], str] = str,
    ) -> None:
        self._screen = screen
        self._wave: Sequence[str] | None = None
        self._more = more
        self._total = len(nodes)
        self._waiting = dict.fromkeys(nodes)
        self._bad = 0
        self._start = clock()

    def show(self, event: object) -> None:
        if isinstance(event, Finished):
            self._waiting.pop(event.node, None)
            self._bad += not event.outcome.ok and event.outcome.kind != "skipped"

    def wait_for(self, nodes: Sequence[str]) -> None:
        """Name only these as waited for, since the others have not begun."""
        self._wave = nodes

    def tick(self, now: float) -> None:
        """Draw the line anew, once there is something to wait for."""
        seconds = now - self._start
        if seconds < DELAY or not self._waiting:
            return
        screen = self._screen
        done = self._total - len(self._waiting)
        # The last column stays free: a character there makes some terminals wrap.
        begun = self._waiting if self._wave is None else self._wave
        waiting = [node for node in begun if node in self._waiting]
        line = progress(self._total, done, self._bad, waiting, seconds, screen.width - 1, self._more())
        screen.draw(line)

    def end(self, report: Report) -> None:
        self._screen.erase()
