from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from stentor.cli.operate import operate
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event, Finished, Notice, Output
from stentor.outcome import Outcome, Report


class Log:
    """A display which only keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ticks: list[float] = []
        self.report: Report | None = None

    def show(self, event: Event) -> None:
        self.events.append(event)

    def tick(self, now: float) -> None:
        self.ticks.append(now)

    def end(self, report: Report) -> None:
        self.report = report


def finished(node: str, kind: str = "ok") -> Finished:
    return Finished(node, Outcome(node, kind))


def test_outcomes_are_reported_in_the_order_of_the_selection() -> None:
    log = Log()
    events: list[Event] = [finished("b"), Output("a", "stdout", b"x"), finished("a", "failed")]
    report = operate(lambda cancellation: iter(events), log, ["a", "b"], clock=time.monotonic)
    assert [outcome.node for outcome in report] == ["a", "b"]
    assert log.events == events
    assert log.report is report
    assert log.ticks == []


@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "the terminal was closed")],
)
def test_a_signal_asks_for_the_end_and_handlers_are_put_back(number: int, reason: str) -> None:
    before = signal.getsignal(number)
    reasons = []

    def start(cancellation: Cancellation) -> Iterator[Event]:
        yield Output("a", "stdout", b"x")
        os.kill(os.getpid(), number)
        reasons.append((cancellation.reason, cancellation.requests))
        os.kill(os.getpid(), number)
        reasons.append((cancellation.reason, cancellation.requests))
        yield finished("a", "cancelled")

    log = Log()
    report = operate(start, log, ["a"], clock=time.monotonic)
    assert reasons == [(reason, 1), (reason, 2)]
    assert [outcome.kind for outcome in report] == ["cancelled"]
    assert sum(isinstance(event, Notice) for event in log.events) == 1
    assert signal.getsignal(number) is before


def test_a_signal_in_the_middle_of_a_write_is_said_after_it() -> None:
    class Slow(Log):
        def show(self, event: Event) -> None:
            if isinstance(event, Output):
                os.kill(os.getpid(), signal.SIGINT)
            super().show(event)

    log = Slow()
    events: list[Event] = [Output("a", "stdout", b"x"), finished("a")]
    operate(lambda cancellation: iter(events), log, ["a"], clock=time.monotonic)
    assert [type(event).__name__ for event in log.events] == ["Output", "Notice", "Finished"]


def test_the_display_is_told_the_time_while_nothing_happens() -> None:
    def start(cancellation: Cancellation) -> Iterator[Event]:
        deadline = time.monotonic() + 5
        while len(log.ticks) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        yield finished("a")

    log = Log()
    operate(start, log, ["a"], clock=lambda: 7.0, first_tick=0.01)
    assert log.ticks[:2] == [7.0, 7.0]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_when_nobody_reads_any_more_the_remote_processes_are_ended() -> None:
    ended = []

    class Closed(Log):
        def show(self, event: Event) -> None:
            raise BrokenPipeError

    def start(cancellation: Cancellation) -> Iterator[Event]:
        yield Output("a", "stdout", b"x")
        ended.append(cancellation.requests)
        yield finished("a", "cancelled")
        ended.append(cancellation.requests)

    with pytest.raises(BrokenPipeError):
        operate(start, Closed(), ["a"], clock=time.monotonic)
    assert ended == [1, 1]
