"""What becomes of a push, by what came of the nodes."""

from __future__ import annotations

import pytest

from stentor.hooks.result import LONGEST_WAIT, judge, wait_for
from stentor.outcome import Outcome

OK = Outcome("a", "ok", 0)
DOWN = Outcome("b", "unreachable", reason="no route")


def test_nodes_that_are_down_do_not_keep_a_push_waiting() -> None:
    found = judge([OK, DOWN], ["a", "b"])
    assert found == ("done", "on 1 of 2 nodes; when they return: b")


def test_what_is_not_caught_up_waits_for_every_node() -> None:
    found = judge([OK, DOWN], ["a", "b"], caught_up=False)
    assert found == ("again", "on 1 of 2 nodes; not reached: b")
    assert judge([OK], ["a"], caught_up=False).state == "done"


def test_nodes_that_are_expected_to_be_down_are_no_failure() -> None:
    skipped = Outcome("b", "skipped", reason="expected down: no answer in 1 s")
    assert judge([OK, skipped], ["a", "b"]) == ("done", "on 1 of 2 nodes; when they return: b")
    assert judge([skipped], ["b"]).state == "again"


def test_where_no_node_answers_it_is_tried_again() -> None:
    assert judge([DOWN], ["b"]) == ("again", "no node answers: b")


def test_a_node_that_was_not_come_to_has_it_tried_again() -> None:
    assert judge([OK, DOWN], ["a", "b", "c"]).state == "again"
    assert judge([OK, Outcome("b", "cancelled")], ["a", "b"]).state == "again"


def test_a_stop_of_ours_is_no_verdict_on_the_revision() -> None:
    assert judge([OK, Outcome("b", "cancelled")], ["a", "b"], stopped=True).state == "stopped"
    assert judge([], ["a"], stopped=True).state == "stopped"
    assert judge([OK], ["a"], stopped=True).state == "done"


@pytest.mark.parametrize(
    ("kind", "state"), [("failed", "reverted"), ("lost", "failed"), ("shell-broken", "failed")]
)
def test_a_revision_that_was_reverted_is_told_apart(kind: str, state: str) -> None:
    bad = Outcome("b", kind, 1, reason="reverted: no login")  # type: ignore[arg-type]
    found = judge([OK, bad, DOWN._replace(node="c")], ["a", "b", "c"])
    assert found == (state, "b: reverted: no login")


def test_where_it_cannot_have_begun_nothing_was_reverted() -> None:
    lacks = Outcome("a", "failed", reason="chezmoi is not installed on this node")
    bad = Outcome("b", "failed", reason="reverted: no login")
    assert judge([lacks, OK._replace(node="b")], "ab", begun="b") == ("failed", f"a: {lacks.reason}")
    assert judge([lacks, bad], "ab", begun="b") == ("reverted", "b: reverted: no login (and 1 more)")


def test_the_first_failure_is_told_and_the_others_are_counted() -> None:
    bad = [Outcome(node, "failed", 1, reason=reason) for node, reason in (("b", ""), ("c", "x"), ("d", "y"))]
    assert judge([OK, *bad[:1]], "ab") == ("reverted", "b: failed")
    assert judge([OK, *bad[:2]], "abc") == ("reverted", "b: failed (and 1 more)")
    assert judge([OK, *bad], "abcd") == ("reverted", "b: failed (and 2 more)")


def test_the_node_at_which_it_stopped_is_named_where_it_is_known() -> None:
    assert judge([OK, DOWN], "abc").reason == "it stopped at a node that did not answer: b"
    assert judge([OK], "abc").reason == "it stopped at a node that did not answer: not known"


def test_each_wait_is_twice_the_last() -> None:
    assert [wait_for(attempts) for attempts in range(5)] == [15, 15, 30, 60, 120]


def test_waits_grow_to_ten_minutes() -> None:
    found = [wait_for(attempts) for attempts in range(1, 40)]
    assert found == sorted(found)
    assert found[0] == 15
    assert found[-1] == LONGEST_WAIT
