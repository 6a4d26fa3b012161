"""Safe fixes as a change: each asked for, behind a snapshot of its own, and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stentor.engines.reach import Reach
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Finished
from stentor.outcome import Outcome
from stentor.probe.doctor import Diagnosis, code_of
from stentor.probe.finding import Finding
from stentor.probe.fixes import Offer
from stentor.probe.fixing import FixChange, RestoreChange, offers
from stentor.rollout.change import Step
from stentor.testing import Reply
from tests.unit.rollout.scripted import reach_with

MOVE = Finding("rc", "bad", "", "", "", "", "move .ssh/rc")
MODE = Finding("mode", "bad", "", "", "", "", "chmod 700 777 .ssh")
FULL = Finding("home-not-writable", "bad", "the home directory is full", "", "", "")


def diagnosis(node: str, *findings: Finding, kind: Any = "ok") -> Diagnosis:
    return Diagnosis(Outcome(node, kind), None, findings)


def reach(answer: Callable[[str, str], Reply], **more: Any) -> Reach:
    made = reach_with(["a", "b"], **more)
    made.engine._answers = answer  # type: ignore[union-attr]
    return made


def taken(_: str, __: str) -> Reply:
    return Reply(b"snapshot taken\n")


def carried_out(change: FixChange, made: Reach) -> tuple[list[tuple[str, str]], dict[str, Outcome]]:
    events = list(change.apply(("a", "b"), made))
    steps = [(event.node, event.name) for event in events if isinstance(event, Step)]
    return steps, {event.node: event.outcome for event in events if isinstance(event, Finished)}


def test_offers_are_the_safe_fixes_of_every_node() -> None:
    found = offers([diagnosis("a", MOVE, FULL, MODE), diagnosis("b", Finding("x", "bad", "", "", "", ""))])
    assert [(offer.node, offer.key, bool(offer.blocker)) for offer in found] == [
        ("a", "rc", False),
        ("a", "mode", True),
    ]


def test_each_fix_has_a_snapshot_and_steps_of_its_own() -> None:
    change = FixChange(offers([diagnosis("a", MOVE, MODE), diagnosis("b", MOVE)]), "snap", lambda _: True)
    made = reach(taken)
    steps, outcomes = carried_out(change, made)
    assert steps == [("a", "fixing"), ("a", "fixed")] * 2 + [("b", "fixing"), ("b", "fixed")]
    assert {outcome.kind for outcome in outcomes.values()} == {"ok"}
    commands = [command for _, command in made.engine.commands]  # type: ignore[union-attr]
    assert [f"snap.{n}" in command for n, command in enumerate(commands, 1)] == [True] * 3
    assert [result.key for result in change.results] == ["rc", "mode", "rc"]


def test_fixes_that_are_not_wanted_are_not_done() -> None:
    def wanted(offer: Offer) -> bool:
        return offer.key == "mode"

    change = FixChange(offers([diagnosis("a", MOVE, MODE), diagnosis("b", MOVE)]), "snap", wanted)
    _, outcomes = carried_out(change, reach(taken))
    assert [result.title for result in change.results] == ["chmod 700 ~/.ssh (it is 777)"]
    assert (outcomes["a"].kind, outcomes["b"].kind) == ("ok", "skipped")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"snapshot refused no room\n", "no room"),
        (b"snapshot failed chmod\n", "chmod"),
        (b"", "the node did not say what came of it"),
    ],
)
def test_fix_that_was_not_done_makes_the_node_fail(said: bytes, reason: str) -> None:
    change = FixChange(offers([diagnosis("a", MOVE), diagnosis("b")]), "snap", lambda _: True)
    steps, outcomes = carried_out(change, reach(lambda *_: Reply(said)))
    assert steps == [("a", "fixing"), ("a", "not-fixed")]
    assert (outcomes["a"].kind, outcomes["a"].reason) == ("failed", reason)


def test_stop_request_leaves_the_rest_undone() -> None:
    cancellation = Cancellation()

    def answer(_: str, command: str) -> Reply:
        if command:
            cancellation.request("Ctrl-C")
        return Reply(b"snapshot taken\n")

    change = FixChange(offers([diagnosis("a", MOVE, MODE), diagnosis("b", MOVE)]), "snap", lambda _: True)
    _, outcomes = carried_out(change, reach(answer, cancellation=cancellation))
    assert len(change.results) == 1
    assert {outcome.kind for outcome in outcomes.values()} == {"cancelled"}
    cancellation.close()


def test_interrupt_at_a_question_names_every_node_that_was_not_done() -> None:
    def wanted(offer: Offer) -> bool:
        if offer.node == "b":
            raise KeyboardInterrupt
        return True

    change = FixChange(offers([diagnosis("a", MOVE), diagnosis("b", MOVE)]), "snap", wanted)
    with pytest.raises(KeyboardInterrupt):
        list(change.apply(("a", "b"), reach(taken)))
    assert [outcome.node for outcome in change.interrupted()] == ["b"]


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        (b"snapshot restored .ssh/rc\n", "ok", ""),
        (b"snapshot none\n", "failed", "no such snapshot on the node"),
        (b"snapshot left .ssh/rc: changed since\n", "failed", "not restored: ~/.ssh/rc: changed since"),
    ],
)
def test_undo_reads_what_was_restored(said: bytes, kind: str, reason: str) -> None:
    change = RestoreChange("snap", "17")
    events = list(change.apply(("a",), reach(lambda *_: Reply(said))))
    (end,) = [event for event in events if isinstance(event, Finished)]
    assert (end.outcome.kind, end.outcome.reason[: len(reason)]) == (kind, reason)
    assert change.title == "stentor doctor --undo 17"


def test_code_is_one_while_anything_bad_is_left() -> None:
    found = [diagnosis("a", MOVE), diagnosis("b")]
    assert code_of(found) == 1
    assert code_of(found, {("a", "rc")}) == 0
    assert code_of([diagnosis("a", Finding("n", "note", "", "", "", ""))]) == 0
    unreachable = [diagnosis("a", Finding("way-refused", "bad", "", "", "", ""), kind="refused")]
    assert code_of(unreachable) not in (0, 1)
