"""Rounds of the probe over all nodes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from stentor.api import poller
from stentor.api.fleet import Fleet
from stentor.api.poller import Poller
from stentor.errors import StentorError
from stentor.outcome import Outcome
from stentor.probe.status import Status
from stentor.testing import FakeNodes
from tests.practice import FLEET


class Bench:
    """A thread that ends after some rounds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: str, rounds: int = 1) -> None:
        fleet = Fleet(FLEET, environ={"XDG_STATE_HOME": state}, hostname="elsewhere", engine=FakeNodes())
        self.took: list[str] = []
        self.over: list[tuple[Any, str]] = []
        self.left = rounds
        self.error: Exception | None = None
        self.poller = Poller(fleet.select("@gpu"), 60.0, self._took, self._over)
        monkeypatch.setattr(poller, "statuses", self._statuses)

    def _statuses(self, selection: Any, *_: object, **__: object) -> Any:
        if self.error:
            raise self.error
        for node in selection.nodes:
            yield Status(Outcome(node.alias, "ok"))
            yield object()

    def _took(self, status: Status) -> None:
        self.took.append(status.outcome.node)

    def _over(self, done: Any, trouble: str) -> None:
        self.over.append((done, trouble))
        self.left -= 1
        self.poller.now() if self.left else self.poller.end()

    def run(self) -> None:
        self.poller.start()
        self.poller.join()


def test_every_round_tells_each_status_and_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    bench = Bench(monkeypatch, str(tmp_path), rounds=2)
    bench.run()
    assert bench.took == ["prtr", "drtr"] * 2
    assert bench.over == [({}, "")] * 2


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (StentorError("no ssh"), "no ssh"),
        (OSError(24, "too many files"), "too many files"),
        (OSError("x"), "x"),
    ],
)
def test_trouble_of_a_round_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, error: Exception, trouble: str
) -> None:
    bench = Bench(monkeypatch, str(tmp_path))
    bench.error = error
    bench.run()
    assert bench.over == [({}, trouble)]


def test_end_gives_up_the_round_under_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    bench = Bench(monkeypatch, str(tmp_path))
    begun, reasons = threading.Event(), []

    def statuses(*_: object, cancellation: Any, **__: object) -> Any:
        begun.set()
        while not cancellation.requests:
            begun.wait(0.001)
        reasons.append(cancellation.reason)
        yield Status(Outcome("prtr", "ok"))

    monkeypatch.setattr(poller, "statuses", statuses)
    bench.poller.start()
    begun.wait(10)
    bench.poller.end()
    bench.poller.join()
    assert (reasons, bench.took, bench.over) == (["stentor top was left"], [], [])


def test_a_poller_that_never_began_is_over_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    bench = Bench(monkeypatch, str(tmp_path))
    bench.poller.end()
    bench.poller.join()
    assert bench.over == []
