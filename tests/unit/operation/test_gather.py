"""A change that only reads: answers are read, output is not passed on."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fanout.collect import Result
from stentor.fanout.events import Finished, Output, Started
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.operation.gather import GatherChange
from stentor.outcome import Outcome
from stentor.testing import Reply
from tests.unit.rollout.scripted import reach_with


class Names(GatherChange):
    """Asks each node for its name."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        return [Task(node, f"name {node.alias}") for node in nodes]

    def read(self, result: Result) -> Outcome:
        self.said[result.node] = result.text
        return result.outcome if result.ok else result.outcome._replace(reason="it has no name")


def test_answers_are_read_and_decide_the_outcome() -> None:
    reach = reach_with(["a", "b"])
    reach.engine._answers = {"a": Reply(b"alpha\n"), "b": Reply(code=1)}  # type: ignore[union-attr]
    change = Names()
    events = list(change.apply(("a", "b"), reach))
    assert change.said == {"a": "alpha", "b": ""}
    outcomes = {event.node: event.outcome for event in events if isinstance(event, Finished)}
    assert (outcomes["a"].kind, outcomes["b"].reason) == ("ok", "it has no name")
    assert not [event for event in events if isinstance(event, Output)]
    assert [event for event in events if isinstance(event, Started)]
