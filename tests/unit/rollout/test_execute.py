"""A rollout as a dialogue: what the change says, what the rollout says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.engines.reach import Reach
from stentor.fanout.events import Finished, Started
from stentor.fanout.task import Settings
from stentor.fleet.policy.values import Share
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange
from stentor.rollout.events import (
    GateEvent,
    GateFailed,
    Paused,
    RevertEvent,
    Reverting,
    RolloutEnded,
    WaveBegan,
    WaveEnded,
)
from stentor.rollout.execute import execute
from stentor.rollout.plan import Plan, plan
from stentor.rollout.policy import Policy
from stentor.testing import FakeNodes, Reply
from tests.unit.rollout.scripted import Scripted, reach_with

NODES = ["a", "b", "c", "d"]
WAVES = Policy(canary=("a",), waves=(Share(2),), pause=30.0)
CAREFUL = plan(NODES, WAVES)
GATED = plan(NODES, WAVES._replace(gates=("./healthy",)))


def go(change: Any, made: Any = CAREFUL, gates: Any = None, **more: Any) -> Any:
    slept: list[float] = []
    reach = reach_with(NODES, gates)
    events = list(execute(made, change, reach, sleep=slept.append, clock=lambda: 0.0, **more))
    return events, events[-1], slept


def outcomes(events: Any) -> Any:
    return {event.node: event.outcome for event in events if isinstance(event, Finished)}


def reverted(events: Any) -> Any:
    return outcomes([event.event for event in events if isinstance(event, RevertEvent)])


def test_a_rollout_that_succeeds_goes_through_all_waves_and_gates() -> None:
    change = Scripted()
    events, end, slept = go(change, GATED)
    assert end == RolloutEnded("", ("a", "b", "c", "d"), (), ())
    assert slept == [30.0, 30.0], "between waves, not after the last"
    assert change.applied == NODES
    names = [event.wave.name for event in events if isinstance(event, WaveBegan)]
    assert names == ["canary", "wave 1 of 2", "wave 2 of 2"]
    gates = [event for event in events if isinstance(event, GateEvent) and isinstance(event.event, Finished)]
    assert [event.command for event in gates] == ["./healthy"] * 4
    assert len([event for event in events if isinstance(event, Paused)]) == 2


def test_closing_a_rollout_closes_the_change() -> None:
    """Ctrl-C may come while an event is shown; the change must not wait for its last reference to go."""
    ended: list[str] = []

    class Watched(Scripted):
        def apply(self, nodes: Any, reach: Any) -> Any:
            try:
                yield from super().apply(nodes, reach)
            finally:
                ended.extend(nodes)

    events = execute(CAREFUL, Watched(), reach_with(NODES))
    assert isinstance(next(events), WaveBegan)
    assert next(events) == Started("a")
    events.close()
    assert ended == ["a"]


def test_a_failed_canary_touches_no_other_node() -> None:
    change = Scripted({"a": "failed"})
    events, end, slept = go(change)
    assert change.applied == ["a"]
    assert end == RolloutEnded("the canary failed: a", (), ("a",), ("b", "c", "d"))
    assert slept == []
    rest = {node: outcome for node, outcome in outcomes(events).items() if outcome.kind == "cancelled"}
    assert list(rest) == ["b", "c", "d"]
    assert not any(outcome.started for outcome in rest.values())
    assert rest["b"].reason == "not begun: the canary failed: a"


class Proofless(BaseChange):
    """Applies, and has no proof beyond that."""

    def apply(self, nodes: Any, _: Any) -> Any:
        for node in nodes:
            yield Started(node)
            yield Finished(node, Outcome(node, "ok", 0, started=True))


@pytest.mark.parametrize(("gates", "waits"), [((), False), (("./healthy",), True)])
def test_a_node_that_waits_for_no_gate_is_finished_before_others_of_its_wave(gates: Any, waits: bool) -> None:
    """So that its outcome is in the journal, whatever becomes of this process."""
    events, end, _ = go(Proofless(), plan(["a", "b"], Policy(gates=gates)))
    order = [type(event) for event in events if isinstance(event, (Started, Finished))]
    assert order == ([Started, Started, Finished, Finished] if waits else [Started, Finished] * 2)
    assert end == RolloutEnded("", ("a", "b"), (), ())


def test_every_node_is_finished_exactly_once() -> None:
    for change, made, gates in (
        (Scripted({"b": "timed-out"}), CAREFUL, None),
        (Scripted(), GATED, {"b": 3}),
        (Scripted(proofs={"a": "failed"}), GATED, None),
    ):
        events, _, _ = go(change, made, gates)
        assert sorted(event.node for event in events if isinstance(event, Finished)) == NODES


def test_a_gate_that_is_cut_off_leaves_a_proved_node_as_it_is() -> None:
    answers = FakeNodes({"b": Reply(kind="cancelled", reason="cancelled: Ctrl-C")})
    asked = [""]

    def stop() -> str:
        asked.append("Ctrl-C" if len(asked) > 5 else "")
        return asked[-1]

    reach = reach_with(NODES)._replace(engine=answers)
    events = list(
        execute(GATED, Scripted(proofs={}), reach, sleep=lambda _: None, stop=stop, clock=lambda: 0.0)
    )
    assert not any(isinstance(event, GateFailed) for event in events)
    assert outcomes(events)["b"] == Outcome("b", "ok", reason="changed; a gate was cut off", started=True)
    assert events[-1] == RolloutEnded("Ctrl-C", ("a", "b", "c"), (), ("d",))


def test_no_gate_is_run_after_a_request_to_stop() -> None:
    """A fan-out that begins after the request would not hear of it: each gate took up to a minute."""
    change = Scripted(proofs={})
    engine = FakeNodes({})

    def stop() -> str:
        return "Ctrl-C" if change.applied else ""

    reach = reach_with(NODES)._replace(engine=engine)
    events = list(execute(GATED, change, reach, sleep=lambda _: None, stop=stop))
    assert not engine.tasks
    assert outcomes(events)["a"] == Outcome("a", "ok", reason="changed; a gate was cut off", started=True)
    assert events[-1] == RolloutEnded("Ctrl-C", ("a",), (), ("b", "c", "d"))


def test_a_failed_gate_stops_and_its_node_is_failed() -> None:
    events, end, _ = go(Scripted(), GATED, {"b": 3})
    assert end.stopped == "1 failed, limit is 0: b"
    assert (end.done, end.failed, end.not_begun) == (("a", "c"), ("b",), ("d",))
    assert [event for event in events if isinstance(event, GateFailed)] == [
        GateFailed("b", "./healthy", "exit code 3: too hot")
    ]
    assert outcomes(events)["b"].hint == "b keeps the change; take it back with: undo b"


def test_the_time_of_a_node_has_its_gates_and_its_revert() -> None:
    now = [0.0]

    class Slow(Scripted):
        def apply(self, nodes: Any, reach: Any) -> Any:
            for event in super().apply(nodes, reach):
                if isinstance(event, Finished):
                    event = Finished(event.node, event.outcome._replace(seconds=2.0))
                yield event
            now[0] += 10

        def _revert(self, nodes: Any) -> Any:
            now[0] += 1000
            yield from super()._revert(nodes)

    made = plan(["a", "b"], Policy(gates=("./healthy",)))._replace(on_failure="revert")
    events = []
    for event in execute(made, Slow(reverts={}), reach_with(["a", "b"], {"b": 3}), clock=lambda: now[0]):
        events.append(event)
        if isinstance(event, GateEvent) and isinstance(event.event, Started):
            now[0] += 100
    first = outcomes(events)
    assert first["a"].seconds >= 112, "applied, then its gate"
    assert reverted(events)["a"].seconds >= first["a"].seconds + 1000


def test_a_node_is_finished_after_its_gate() -> None:
    events, _, _ = go(Scripted(), GATED)
    gate = next(i for i, event in enumerate(events) if isinstance(event, GateEvent))
    finished = next(i for i, event in enumerate(events) if isinstance(event, Finished))
    assert gate < finished


def test_gate_failures_of_earlier_waves_count_later() -> None:
    made = plan(NODES, Policy(waves=(Share(1),), max_failures=Share(1), gates=("./healthy",)))
    _, end, _ = go(Scripted(), made, {"a": 1, "b": 1})
    assert end.failed == ("a", "b")
    assert end.not_begun == ("c", "d")


def test_a_gate_runs_only_where_the_change_succeeded() -> None:
    made = plan(NODES, Policy(max_failures=Share(1), gates=("./healthy",)))
    events, _, _ = go(Scripted({"b": "failed"}), made)
    asked = {event.event.node for event in events if isinstance(event, GateEvent)}
    assert asked == {"a", "c", "d"}


def test_a_second_gate_runs_only_where_the_first_was_passed() -> None:
    made = plan(NODES, Policy(max_failures=Share(4), gates=("./one", "./two")))
    events, _, _ = go(Scripted(), made, {"c": 1})
    second = {
        event.event.node for event in events if isinstance(event, GateEvent) and event.command == "./two"
    }
    assert second == {"a", "b", "d"}


def test_a_change_that_cannot_prove_itself_is_failed_before_any_gate() -> None:
    events, end, _ = go(Scripted(proofs={"a": "failed"}), GATED)
    assert end.stopped == "the canary failed: a"
    assert not [event for event in events if isinstance(event, GateEvent)]


def test_a_rollout_can_be_stopped_between_waves() -> None:
    answers = iter(["", "asked to", "asked to"])
    _, end, _ = go(Scripted(), stop=lambda: next(answers))
    assert (end.stopped, end.done, end.not_begun) == ("asked to", ("a",), ("b", "c", "d"))


def test_a_stopped_rollout_reverts_what_stands_where_the_plan_says_so() -> None:
    change = Scripted({"b": "failed"}, reverts={})
    events, end, _ = go(change, CAREFUL._replace(on_failure="revert"))
    assert change.reverted == ["a", "c"]
    assert [event.nodes for event in events if isinstance(event, Reverting)] == [("a", "c")]
    ends = reverted(events).values()
    assert [(o.node, o.kind, o.reason) for o in ends] == [
        ("a", "failed", "reverted, because another node failed"),
        ("c", "failed", "reverted, because another node failed"),
    ]
    assert end.done == ()


def test_a_node_that_failed_at_its_gate_is_reverted_too() -> None:
    change = Scripted(reverts={})
    events, _, _ = go(change, GATED._replace(on_failure="revert"), {"b": 1})
    assert change.reverted == ["a", "b", "c"]
    assert reverted(events)["b"].reason == "reverted: gate failed: exit code 1: too hot"


def test_a_revert_that_fails_is_said() -> None:
    change = Scripted({"b": "failed"}, reverts={"a": "lost"})
    events, _, _ = go(change, CAREFUL._replace(on_failure="revert"))
    ends = reverted(events)
    assert (ends["a"].kind, ends["a"].reason) == ("lost", "could not be reverted: lost")

    class Saying(Scripted):
        def _revert(self, nodes: Any) -> Any:
            yield Finished("a", Outcome("a", "failed", reason="disk full"))

    events, _, _ = go(Saying({"b": "failed"}, reverts={}), CAREFUL._replace(on_failure="revert"))
    assert reverted(events)["a"].reason == "could not be reverted: disk full"


def test_nothing_is_reverted_without_a_revert_or_after_a_request_to_stop() -> None:
    made = CAREFUL._replace(on_failure="revert")
    events, _, _ = go(Scripted({"b": "failed"}), made)
    assert not [event for event in events if isinstance(event, Reverting)]
    answers = iter(["", "Ctrl-C", "Ctrl-C"])
    change = Scripted(reverts={})
    go(change, made, stop=lambda: next(answers))
    assert change.reverted == []


def test_waves_begin_and_end_with_their_number_and_verdict() -> None:
    events, _, _ = go(Scripted())
    one, two, three = CAREFUL.waves
    assert [event for event in events if isinstance(event, WaveBegan)] == [
        WaveBegan(1, 3, one), WaveBegan(2, 3, two), WaveBegan(3, 3, three),
    ]  # fmt: skip
    ended = [event for event in events if isinstance(event, WaveEnded)]
    assert [event[:3] for event in ended] == [(1, 3, one), (2, 3, two), (3, 3, three)]
    assert ended[0].verdict == (True, "canary: 1 ok")
    stopped = [event for event in go(Scripted({"b": "failed"}))[0] if isinstance(event, WaveEnded)]
    assert [event.verdict.go_on for event in stopped] == [True, False]


def test_plan_without_waves_ends_at_once() -> None:
    assert go(Scripted(), Plan(()))[:2] == ([RolloutEnded("", (), (), ())], RolloutEnded("", (), (), ()))


def test_request_to_stop_before_the_first_wave_touches_no_node() -> None:
    answers = iter(["asked to", "", "", "", "", "", "", ""])
    change = Scripted()
    _, end, _ = go(change, stop=lambda: next(answers))
    assert (end.stopped, end.not_begun, change.applied) == ("asked to", ("a", "b", "c", "d"), [])


def test_nodes_that_prove_themselves_stand() -> None:
    class Talking(Scripted):
        def verify(self, nodes: Any, reach: Any) -> Any:
            yield from map(Started, nodes)
            yield from super().verify(nodes, reach)

    events, end, _ = go(Talking(proofs={}), plan(NODES, Policy(gates=("./healthy",))))
    assert end.done == ("a", "b", "c", "d")
    assert {event.event.node for event in events if isinstance(event, GateEvent)} == {*NODES}
    assert [event for event in events if isinstance(event, Started)] == [*map(Started, NODES)] * 2
    assert [*outcomes(events)] == NODES


@pytest.mark.parametrize(("given", "limit"), [(None, 60.0), (5.0, 5.0)])
def test_gate_has_a_time_limit(monkeypatch: pytest.MonkeyPatch, given: float | None, limit: float) -> None:
    seen: list[float | None] = []
    command = Reach.command

    def watched(reach: Any, nodes: Any, line: str, settings: Any) -> Any:
        seen.append(settings.timeout)
        return command(reach, nodes, line, settings)

    monkeypatch.setattr(Reach, "command", watched)
    reach = reach_with(NODES, settings=Settings(timeout=given))
    for _ in execute(GATED, Scripted(), reach, sleep=lambda _: None):
        pass
    assert seen == [limit] * 3


def test_reason_of_a_gate_has_the_beginning_of_its_output() -> None:
    reach = reach_with(["a"])
    reach = reach._replace(engine=FakeNodes({"a": Reply(b"\xff" * 100 + b"x" * 150, code=4)}))
    events = [*execute(plan(["a"], Policy(gates=("./healthy",))), Scripted(), reach)]
    (failed,) = [event for event in events if isinstance(event, GateFailed)]
    assert failed.reason == "exit code 4: " + "\ufffd" * 100 + "x" * 100


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(Reply(b"", code=4), "exit code 4"), (Reply(kind="timed-out"), "timed-out")],
)
def test_gate_that_says_nothing_is_named_by_how_it_ended(reply: Reply, reason: str) -> None:
    reach = reach_with(["a"])._replace(engine=FakeNodes({"a": reply}))
    events = [*execute(plan(["a"], Policy(gates=("./healthy",))), Scripted(), reach)]
    assert [event.reason for event in events if isinstance(event, GateFailed)] == [reason]


def test_node_of_which_a_change_says_nothing_was_not_begun() -> None:
    class Forgetful(Scripted):
        def apply(self, nodes: Any, reach: Any) -> Any:
            yield from super().apply(nodes[:1], reach)

    events, end, _ = go(Forgetful(), plan(["a", "b"], Policy()))
    assert (end.stopped, end.not_begun) == ("", ("b",))
    assert outcomes(events)["b"].reason == "not begun: the rollout ended"


def test_node_that_failed_at_its_gate_has_no_hint_where_the_plan_reverts() -> None:
    events, _, _ = go(Scripted(), GATED._replace(on_failure="revert"), {"b": 3})
    assert outcomes(events)["b"] == Outcome(
        "b", "failed", reason="gate failed: exit code 3: too hot", started=True
    )


def test_skipped_nodes_are_not_among_the_failed() -> None:
    _, end, _ = go(Scripted({"b": "skipped"}))
    assert (end.failed, end.done) == ((), ("a", "c", "d"))


def test_reverted_node_has_failed_and_needs_nothing_more() -> None:
    class Hinting(Scripted):
        def _revert(self, nodes: Any) -> Any:
            event: Any
            for event in super()._revert(nodes):
                yield Finished(event.node, event.outcome._replace(code=0, hint="take it back"))

    change = Hinting({"b": "failed"}, reverts={})
    events, _, _ = go(change, CAREFUL._replace(on_failure="revert"))
    assert reverted(events)["a"] == Outcome(
        "a", "failed", None, "reverted, because another node failed", started=True
    )


ends: Any = st.dictionaries(
    st.sampled_from(NODES), st.sampled_from(["ok", "failed", "skipped", "no-address"])
)
codes: Any = st.dictionaries(st.sampled_from(NODES), st.integers(0, 1))


@given(ends, ends, codes, st.sampled_from(["stop", "revert"]), st.integers(0, 4))
def test_only_what_was_stopped_is_reverted_and_only_where_the_plan_says_so(
    kinds: Any, proofs: Any, gates: Any, on_failure: Any, tolerated: int
) -> None:
    made = GATED._replace(on_failure=on_failure, max_failures=tolerated)
    change = Scripted(kinds, proofs=proofs, reverts={})
    events, end, _ = go(change, made, gates)
    if not end.stopped or on_failure == "stop":
        assert change.reverted == []
        assert not [event for event in events if isinstance(event, Reverting | RevertEvent)]
    else:
        assert end.done == ()
    assert sorted(outcomes(events)) == NODES


def test_without_a_pause_nobody_is_told_of_one() -> None:
    events, _, slept = go(Scripted(), CAREFUL._replace(pause=0.0))
    assert (slept, [event for event in events if isinstance(event, Paused)]) == ([], [])


def test_node_that_fails_its_proof_twice_is_finished_once() -> None:
    class Twice(Scripted):
        def verify(self, nodes: Any, reach: Any) -> Any:
            yield from super().verify(nodes, reach)
            yield from super().verify(nodes, reach)

    events, end, _ = go(Twice(proofs={"a": "failed"}))
    assert [event.node for event in events if isinstance(event, Finished)].count("a") == 1
    assert end.failed == ("a",)
