"""What a rollout means for the journal and the outcomes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stentor.fanout.events import Finished
from stentor.operation.waves import in_waves
from stentor.outcome import Outcome
from stentor.rollout.change import Step
from stentor.rollout.plan import Plan, plan
from stentor.rollout.policy import Policy
from tests.unit.rollout.scripted import Scripted, reach_with


class Recorder:
    """Keeps what the journal is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.amended: list[str] = []

    def step(self, node: str, text: str) -> None:
        self.steps.append((node, text))

    def amend(self, outcome: Outcome) -> None:
        self.amended.append(f"{outcome.node} {outcome.kind}")


class Reverting(Scripted):
    """Says a step while it reverts."""

    def _revert(self, nodes: Any) -> Iterator[Any]:
        yield Step("a", "reverting", "half reverted")
        yield from super()._revert(nodes)


def carry_out(
    change: Scripted, made: Plan, gates: Mapping[str, int] | None = None, stop: Any = lambda: ""
) -> tuple[str, Recorder, dict[str, Outcome]]:
    recorder = Recorder()
    outcomes: dict[str, Outcome] = {}
    events = in_waves(made, change, reach_with("ab", gates), recorder, outcomes, stop)  # type: ignore[arg-type]
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value, recorder, outcomes
        if isinstance(event, Finished):
            outcomes[event.node] = event.outcome


def test_failed_gates_are_recorded() -> None:
    stopped, recorder, _ = carry_out(Scripted(), plan("ab", Policy(gates=("./ok",))), {"b": 2})
    assert stopped == "1 failed, limit is 0: b"
    assert recorder.steps == [("b", "gate failed: ./ok: exit code 2: too hot")]


def test_revert_is_recorded_and_changes_the_outcomes() -> None:
    made = plan("ab", Policy())._replace(on_failure="revert")
    _, recorder, outcomes = carry_out(Reverting({"b": "failed"}, reverts={}), made)
    assert recorder.steps == [("", "reverting a: 1 failed, limit is 0: b"), ("a", "half reverted")]
    assert recorder.amended == ["a failed"]
    assert outcomes["a"].reason == "reverted, because another node failed"


def test_nothing_is_recorded_of_a_rollout_that_succeeds() -> None:
    stopped, recorder, _ = carry_out(Scripted(), plan("ab", Policy()))
    assert (stopped, recorder.steps, recorder.amended) == ("", [], [])


def test_pause_ends_in_time_or_with_a_request_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "sleep", sleep)
    made = plan("ab", Policy(canary=("a",), pause=0.25))
    assert carry_out(Scripted(), made)[0] == ""
    assert slept == pytest.approx([0.1, 0.1, 0.05])
    slept.clear()

    def stop() -> str:
        return "Ctrl-C" if len(slept) == 2 else ""

    stopped, _, outcomes = carry_out(Scripted(), made._replace(pause=9.0), stop=stop)
    assert (stopped, slept, [*outcomes]) == ("Ctrl-C", [0.1, 0.1], ["a", "b"])
    assert outcomes["b"].kind == "cancelled"
