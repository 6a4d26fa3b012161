"""A fan-out in front of a person: events to displays, signals to cancellation, time to the progress line.

The edge which every command with a fan-out shares; its signal handlers are set here.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event, Finished, Notice
from stentor.outcome import Outcome, Report
from stentor.render.display import Display

TICK = 0.25  # seconds between two looks at the clock, while nothing else happens
ENDINGS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "the terminal was closed"}


def operate(
    start: Callable[[Cancellation], Iterator[Event]],
    display: Display,
    nodes: Sequence[str],
    *,
    clock: Callable[[], float],
    first_tick: float = 0.0,
) -> Report:
    """Run a fan-out to its end and show it.

    Ctrl-C, SIGTERM and SIGHUP end the remote processes; a second one does not wait for that. If
    the display cannot be written to (``| head`` has seen enough, the disk is full), the remote
    processes are ended likewise before the error goes up.

    Args:
        start: begins the fan-out, which heeds the cancellation it is given.
        display: shows the events.
        nodes: aliases, in the order of the report.
        clock: seconds that never go back.
        first_tick: seconds until the display is told the time for the first time, and then every
            quarter of a second; 0 if it does not want to know.

    Raises:
        BrokenPipeError: nobody reads what is written.
        StentorError: the fan-out or the display cannot go on.
    """
    cancellation = Cancellation()
    operation = _Operation(display, cancellation, clock)
    try:
        with operation.signals(first_tick):
            outcomes = operation.follow(start(cancellation))
            report = Report([outcomes[node] for node in nodes if node in outcomes])
            operation.finish(report)
            return report
    finally:
        cancellation.close()


class _Operation:
    def __init__(self, display: Display, cancellation: Cancellation, clock: Callable[[], float]) -> None:
        self._display = display
        self._cancellation = cancellation
        self._clock = clock
        self._busy = False  # a display writes just now: a signal handler must not write as well
        self._unsaid: Notice | None = None
        self._fault: Exception | None = None

    def follow(self, events: Iterator[Event]) -> dict[str, Outcome]:
        """Show every event; return each node's outcome."""
        outcomes: dict[str, Outcome] = {}
        for event in events:
            if isinstance(event, Finished):
                outcomes[event.node] = event.outcome
            self._write(self._display.show, event)
            if self._unsaid:
                notice, self._unsaid = self._unsaid, None
                self._write(self._display.show, notice)
        return outcomes

    def finish(self, report: Report) -> None:
        """Tell the display that this was all, and raise what went wrong in it."""
        self._write(self._display.end, report)
        if self._fault is not None:
            raise self._fault

    def _write(self, write: Callable[[Any], None], what: object) -> None:
        """Let the display write; after its first fault it is left alone and the fan-out ended."""
        if self._fault is not None:
            return
        self._busy = True
        try:
            write(what)
        except Exception as fault:
            self._fault = fault
            self._cancellation.request("the output cannot be written")
        finally:
            self._busy = False

    def signals(self, first_tick: float) -> _Handlers:
        """Signal handlers for the time of the operation."""
        table: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(ENDINGS, self._ending)
        if first_tick:
            table[signal.SIGALRM] = self._ticking
        return _Handlers(table, first_tick)

    def _ending(self, number: int, _: FrameType | None) -> None:
        self._cancellation.request(ENDINGS[signal.Signals(number)])
        if self._cancellation.requests == 1:
            notice = Notice("", "ending the remote processes; once more not to wait for them")
            if self._busy:
                self._unsaid = notice
            else:
                self._write(self._display.show, notice)

    def _ticking(self, _: int, __: FrameType | None) -> None:
        if not self._busy:
            self._write(self._display.tick, self._clock())


class _Handlers:
    """Sets handlers, and puts back those which were there; does nothing outside of the main thread."""

    def __init__(self, table: dict[int, Callable[[int, FrameType | None], None]], first_tick: float) -> None:
        self._table = table
        self._first_tick = first_tick
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        with suppress(ValueError):  # not the main thread: signals are somebody else's
            for number, handler in self._table.items():
                if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's wish is respected
                    self._before[number] = signal.signal(number, handler)
            if self._first_tick:
                signal.setitimer(signal.ITIMER_REAL, self._first_tick, TICK)

    def __exit__(self, *_: object) -> None:
        if signal.SIGALRM in self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)
