"""The default view on a terminal: merged if the command ends soon, live if it goes on.

Output is held for a second at most. Commands which are over by then (nearly all of them) are
shown merged, as ``--gather`` does. If a node that has begun to write is still at it after a
second, what is finished is shown merged, and everything from then on live with prefixes. If only
nodes without output are left (one that is down, say), the answers of the others are shown after a
second without output.
"""

from __future__ import annotations

from collections.abc import Callable

from stentor.fanout.events import Finished, Output
from stentor.outcome import Report
from stentor.render.gather import Gather
from stentor.render.stream import Stream

PATIENCE = 1.0


class Auto:
    """Holds, then merges or streams."""

    __slots__ = ("_clock", "_gather", "_holding", "_last", "_live", "_since", "_stream")

    def __init__(self, gather: Gather, stream: Stream, clock: Callable[[], float]) -> None:
        self._gather = gather  # shows what was over soon
        self._stream = stream  # shows what goes on
        self._live = False
        self._clock = clock  # seconds that never go back; ``tick`` is given times of the same clock
        self._last = 0.0
        self._holding = False
        self._since: dict[str, float] = {}  # nodes which have begun to write, the earliest first

    @property
    def live(self) -> bool:
        """Whether output is shown as it comes by now."""
        return self._live

    def show(self, event: object) -> None:
        """Hold the event's output, or show it when the display is live."""
        if self._live:
            self._stream.show(event)
            return
        self._gather.show(event)
        if isinstance(event, Output):
            self._last = self._clock()
            self._since.setdefault(event.node, self._last)
        elif isinstance(event, Finished):
            self._holding |= self._since.pop(event.node, None) is not None
            self._last = self._clock()

    def tick(self, now: float) -> None:
        if self._live:
            return
        earliest = next(iter(self._since.values()), now)
        if now - earliest >= PATIENCE:
            self._go_live()
        elif self._holding and now - self._last >= PATIENCE:
            self._gather.flush()
            self._holding = False

    def end(self, report: Report) -> None:
        if self._live:
            self._stream.end(report)
        else:
            self._gather.end(report)

    def _go_live(self) -> None:
        self._live = True
        self._gather.flush()
        for node, stream, piece in self._gather.unfinished():
            self._stream.replay(node, stream, piece)
