"""A rollout as a dialogue: what the change says, what the rollout says."""

from typing import Any

from stentor.fanout.events import Finished, Started
from stentor.outcome import Outcome
from stentor.rollout.execute import GateEvent, Paused, RolloutEnded, WaveBegan, WaveEnded, execute
from stentor.rollout.plan import plan
from stentor.rollout.policy import Policy, Share

NODES = ["a", "b", "c", "d"]
CAREFUL = plan(NODES, Policy(canary=("a",), waves=(Share(2),), pause=30.0))


class Scripted:
    """A change whose outcomes are written down beforehand."""

    def __init__(self, kinds: Any = None, gates: Any = None) -> None:
        self.kinds, self.gates = kinds or {}, gates
        self.applied: list[str] = []

    def apply(self, nodes: Any) -> Any:
        for node in nodes:
            self.applied.append(node)
            yield Started(node)
        for node in nodes:
            yield Finished(node, Outcome(node, self.kinds.get(node, "ok"), started=True))

    def verify(self, nodes: Any) -> Any:
        for node in nodes if self.gates is not None else ():
            yield Finished(node, Outcome(node, self.gates.get(node, "ok"), reason="exit 3"))


def go(change: Any, made: Any = CAREFUL, **more: Any) -> Any:
    slept: list[float] = []
    events = list(execute(made, change, sleep=slept.append, **more))
    return events, events[-1], slept


def test_all_goes_well() -> None:
    change = Scripted(gates={})
    events, end, slept = go(change)
    assert end == RolloutEnded("", ("a", "b", "c", "d"), (), ())
    assert slept == [30.0, 30.0], "between waves, not after the last"
    assert change.applied == NODES
    assert [event.wave.name for event in events if isinstance(event, WaveBegan)] == [
        "canary",
        "wave 1 of 2",
        "wave 2 of 2",
    ]
    assert len([event for event in events if isinstance(event, GateEvent)]) == 4
    assert len([event for event in events if isinstance(event, Paused)]) == 2


def test_who_is_interrupted_between_two_events_ends_the_change_at_once() -> None:
    """Ctrl-C may come while an event is shown; the change must not wait for its last reference to go."""
    ended: list[str] = []

    held: list[Any] = []

    class Watched(Scripted):
        def apply(self, nodes: Any) -> Any:
            held.append(self.watched(nodes))
            return held[-1]

        def watched(self, nodes: Any) -> Any:
            try:
                yield from super().apply(nodes)
            finally:
                ended.extend(nodes)

    events = execute(CAREFUL, Watched())
    assert isinstance(next(events), WaveBegan)
    assert next(events) == Started("a")
    events.close()
    assert ended == ["a"]


def test_a_failed_canary_touches_nobody_else() -> None:
    change = Scripted({"a": "failed"})
    events, end, slept = go(change)
    assert change.applied == ["a"]
    assert end == RolloutEnded("the canary failed: a: failed", (), ("a",), ("b", "c", "d"))
    assert slept == []
    rest = {e.node: e.outcome for e in events if isinstance(e, Finished) and e.outcome.kind == "cancelled"}
    assert list(rest) == ["b", "c", "d"]
    assert not any(outcome.started for outcome in rest.values())
    assert rest["b"].reason == "not begun: the canary failed: a: failed"


def test_every_node_is_finished_exactly_once_in_the_change() -> None:
    events, _, _ = go(Scripted({"b": "timed-out"}))
    assert sorted(event.node for event in events if isinstance(event, Finished)) == NODES


def test_a_gate_stops_and_its_node_is_failed() -> None:
    _, end, _ = go(Scripted(gates={"b": "failed"}))
    assert end.stopped == "1 failed, none is borne: b: gate: exit 3"
    assert (end.done, end.failed, end.not_begun) == (("a", "c"), ("b",), ("d",))


def test_gate_failures_of_earlier_waves_are_remembered() -> None:
    made = plan(NODES, Policy(waves=(Share(1),), max_failures=Share(1)))
    _, end, _ = go(Scripted(gates={"a": "failed", "b": "failed"}), made)
    assert end.failed == ("a", "b")
    assert end.not_begun == ("c", "d")


def test_the_gate_asks_only_nodes_where_the_change_succeeded() -> None:
    change = Scripted({"b": "failed"}, gates={})
    made = plan(NODES, Policy(max_failures=Share(1)))
    events, _, _ = go(change, made)
    assert [event.event.node for event in events if isinstance(event, GateEvent)] == ["a", "c", "d"]


def test_it_can_be_stopped_between_waves() -> None:
    answers = iter(["", "asked to"])
    _, end, _ = go(Scripted(), stop=lambda: next(answers))
    assert end == RolloutEnded("asked to", ("a",), (), ("b", "c", "d"))


def test_a_skipped_node_is_neither_done_nor_failed() -> None:
    events, end, _ = go(Scripted({"c": "skipped"}))
    assert end == RolloutEnded("", ("a", "b", "d"), (), ())
    assert all(event.verdict.go_on for event in events if isinstance(event, WaveEnded))
