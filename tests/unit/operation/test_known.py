"""Nodes whose outcome is known before an operation begins."""

from __future__ import annotations

from stentor.fanout.events import Finished
from stentor.operation.operation import Operation
from stentor.operation.request import Request, Switches
from stentor.outcome import Outcome
from stentor.rollout.plan import Plan, Wave
from tests.unit.rollout.scripted import Scripted, reach_with

OFF = Switches(lock=True, journal=False, notify=False)


def test_nodes_with_a_known_outcome_are_reported_and_left_alone() -> None:
    change = Scripted()
    known = [Outcome("b", "unreachable", reason="no answer")]
    request = Request("scripted", "", "", ("a", "b"))
    operation = Operation(reach_with(["a", "b"]), request, change, switches=OFF, known=known)
    found = [event.node for event in operation.events() if isinstance(event, Finished)]
    assert (sorted(found), change.applied) == (["a", "b"], ["a"])
    assert [outcome.kind for outcome in operation.report] == ["ok", "unreachable"]
    assert operation.code == 4


def test_an_operation_whose_outcomes_are_all_known_takes_no_lock() -> None:
    reach = reach_with(["a"])
    request = Request("scripted", "", "", ("a",), lock=True)
    known = [Outcome("a", "ok", 0, reason="up to date")]
    operation = Operation(reach, request, Scripted(), Plan(()), switches=OFF, known=known)
    assert [*operation.events()][-1].code == 0  # type: ignore[union-attr]
    assert reach.engine is not None
    assert reach.engine.commands == []  # type: ignore[attr-defined]


def test_only_nodes_to_change_are_locked() -> None:
    reach = reach_with(["a", "b"])
    request = Request("scripted", "", "", ("a", "b"), lock=True)
    plan = Plan((Wave("canary", "canary", ("a",), ""),))
    operation = Operation(reach, request, Scripted(), plan, switches=OFF, known=[Outcome("b", "unreachable")])
    for _ in operation.events():
        pass
    assert reach.engine is not None
    assert {alias for alias, _ in reach.engine.commands} == {"a"}  # type: ignore[attr-defined]
