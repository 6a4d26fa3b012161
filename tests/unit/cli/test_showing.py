"""Events to a display, signals to the cancellation, time to ticks."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence

import pytest

from stentor.cli.showing import carry_out
from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished, Output
from stentor.operation.events import Began, Ended, Stopping
from stentor.operation.operation import Operation
from stentor.operation.request import Request, Switches
from stentor.outcome import Kind, Outcome, Report
from stentor.rollout.change import BaseChange
from tests.unit.rollout.scripted import reach_with


class Log:
    """A display which only keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self.ticks: list[float] = []
        self.report: Report | None = None

    def show(self, event: object) -> None:
        self.events.append(event)

    def tick(self, now: float) -> None:
        self.ticks.append(now)

    def end(self, report: Report) -> None:
        self.report = report


class Told(BaseChange):
    """A change that says what it is told to say."""

    title = "told"

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events

    def apply(self, _: Sequence[str], __: Reach) -> Iterator[Event]:
        return self._events


def operation_of(events: Iterator[Event], nodes: tuple[str, ...] = ("a",)) -> Operation:
    request = Request("run", "x", "@all", nodes)
    return Operation(reach_with(nodes), request, Told(events), switches=Switches(journal=False))


def finished(node: str, kind: Kind = "ok") -> Finished:
    return Finished(node, Outcome(node, kind))


def test_outcomes_are_reported_in_the_order_of_the_selection() -> None:
    log = Log()
    events: list[Event] = [finished("b"), Output("a", "stdout", b"x"), finished("a", "failed")]
    code = carry_out(operation_of(iter(events), ("a", "b")), log, clock=time.monotonic)
    assert log.report is not None
    assert [outcome.node for outcome in log.report] == ["a", "b"]
    assert log.events == [Began(0), *events, Ended(log.report, 1, "")]
    assert (code, log.ticks) == (1, [])


@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "the terminal was closed")],
)
def test_a_signal_asks_for_the_end_and_handlers_are_put_back(number: int, reason: str) -> None:
    before = signal.getsignal(number)
    reasons = []

    def events() -> Iterator[Event]:
        yield Output("a", "stdout", b"x")
        os.kill(os.getpid(), number)
        reasons.append((operation.cancellation.reason, operation.cancellation.requests))
        os.kill(os.getpid(), number)
        reasons.append((operation.cancellation.reason, operation.cancellation.requests))
        yield finished("a", "cancelled")

    log = Log()
    operation = operation_of(events())
    assert carry_out(operation, log, clock=time.monotonic) == 130
    assert reasons == [(reason, 1), (reason, 2)]
    assert log.events.count(Stopping(reason)) == 1
    assert signal.getsignal(number) is before


def test_a_signal_during_a_write_is_shown_after_it() -> None:
    class Slow(Log):
        def show(self, event: object) -> None:
            if isinstance(event, Output):
                os.kill(os.getpid(), signal.SIGINT)
            super().show(event)

    log = Slow()
    events: list[Event] = [Output("a", "stdout", b"x"), finished("a")]
    carry_out(operation_of(iter(events)), log, clock=time.monotonic)
    names = [type(event).__name__ for event in log.events]
    assert names == ["Began", "Output", "Stopping", "Finished", "Ended"]


def test_the_display_is_told_the_time_while_nothing_happens() -> None:
    def events() -> Iterator[Event]:
        for _ in range(100):
            if len(log.ticks) >= 2:
                break
            time.sleep(0.05)
        yield finished("a")

    log = Log()
    carry_out(operation_of(events()), log, clock=lambda: 7.0, first_tick=0.01)
    assert log.ticks[:2] == [7.0, 7.0]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_display_that_cannot_be_written_ends_the_operation() -> None:
    ended = []

    class Closed(Log):
        def show(self, event: object) -> None:
            raise BrokenPipeError

    def events() -> Iterator[Event]:
        ended.append(operation.cancellation.requests)
        yield finished("a", "cancelled")

    operation = operation_of(events())
    with pytest.raises(BrokenPipeError):
        carry_out(operation, Closed(), clock=time.monotonic)
    assert ended == [1]
