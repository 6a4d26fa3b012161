"""What every display has in common, so that they can be exchanged and stacked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stentor.outcome import Report
from stentor.typed import Protocol


class Display(Protocol):
    """Shows an operation while it goes on."""

    def show(self, event: object) -> None:
        """Take one event."""

    def tick(self, now: float) -> None:
        """Time went by without an event; ``now`` in seconds of the clock the display was given."""

    def end(self, report: Report) -> None:
        """Nothing more comes."""


class BaseDisplay:
    """Shows nothing: a display overrides what it shows."""

    __slots__ = ()

    def show(self, event: object) -> None:
        """Take one event."""

    def tick(self, now: float) -> None:
        """Time went by without an event."""

    def end(self, report: Report) -> None:
        """Nothing more comes."""


class AtEnd(BaseDisplay):
    """Writes a command's own answer at the end, before what other displays say last."""

    __slots__ = ("_write",)

    def __init__(self, write: Callable[[], None]) -> None:
        self._write = write  # what writes it

    def end(self, report: Report) -> None:
        self._write()


class Together(BaseDisplay):
    """Several displays as one, in this order."""

    __slots__ = ("_displays",)

    def __init__(self, displays: Iterable[Display]) -> None:
        self._displays = tuple(displays)

    def show(self, event: object) -> None:
        for display in self._displays:
            display.show(event)

    def tick(self, now: float) -> None:
        for display in self._displays:
            display.tick(now)

    def end(self, report: Report) -> None:
        for display in self._displays:
            display.end(report)
