"""The exit-code contract and the order of a summary."""

import pytest

from stentor.errors import NodesFailed
from stentor.outcome import (
    FAILED,
    KINDS,
    LEFT_OUT,
    NOT_REACHED,
    SETS,
    Kind,
    Outcome,
    Report,
    exit_code,
    set_of,
)


@pytest.mark.parametrize(
    ("outcomes", "plain", "largest"),
    [
        ([], 0, 0),
        ([Outcome("a", "ok", 0)], 0, 0),
        ([Outcome("a", "skipped")], 0, 0),
        ([Outcome("a", "failed", 3), Outcome("b", "failed", 7)], 1, 7),
        ([Outcome("a", "failed", 3), Outcome("b", "unreachable")], 1, 255),
        ([Outcome("a", "ok", 0), Outcome("b", "denied")], 4, 255),
        ([Outcome("a", "timed-out")], 1, 255),
        ([Outcome("a", "ok", 0), Outcome("b", "cancelled")], 130, 130),
        ([Outcome("a", "failed", 3), Outcome("b", "cancelled")], 1, 3),
        ([Outcome("a", "ok"), Outcome("b", "skipped")], 0, 0),
        ([Outcome("a", "timed-out"), Outcome("b", "failed", 3)], 1, 255),
    ],
)
def test_exit_code(outcomes: list[Outcome], plain: int, largest: int) -> None:
    assert exit_code(outcomes) == plain
    assert exit_code(outcomes, largest=True) == largest


def test_worst_first_and_raise() -> None:
    report = Report(
        [
            Outcome("a", "ok", 0),
            Outcome("b", "unreachable", reason="no answer in 5 s"),
            Outcome("c", "failed", 2),
        ]
    )
    assert [o.node for o in report.worst_first()] == ["c", "b", "a"]
    assert [o.node for o in report.failed] == ["c"]
    assert [o.node for o in report.unreachable] == ["b"]
    with pytest.raises(NodesFailed, match="2 of 3 nodes: c: failed, b: no answer in 5 s"):
        report.raise_on_error()


def test_every_kind_but_ok_is_in_one_set() -> None:
    assert sorted([*NOT_REACHED, *FAILED, *LEFT_OUT, "ok"]) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("started", [True, False])
def test_set_of_a_kind_is_a_set_that_names_it(kind: Kind, started: bool) -> None:
    found = set_of(kind, started=started)
    if kind == "cancelled" and started:
        assert found == "failed"
    elif kind == "skipped":
        assert found == "skipped"
    else:
        assert kind in SETS[found]


def test_a_node_without_an_outcome_is_missing() -> None:
    assert set_of("", started=True) == "missing"
    assert "" in SETS["missing"]


def test_outcome_by_default_says_nothing_more() -> None:
    assert Outcome("a", "ok") == ("a", "ok", None, "", "", 0.0, False, "", 1)


def test_report_is_in_the_order_of_the_selection() -> None:
    report = Report([Outcome("b", "failed"), Outcome("a", "ok")])
    assert [outcome.node for outcome in report] == ["b", "a"]
    assert report.ok == (Outcome("a", "ok"),)


def test_skipped_nodes_raise_nothing() -> None:
    Report([Outcome("a", "ok"), Outcome("b", "skipped")]).raise_on_error()


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (6, " and 1 more"), (8, " and 3 more")])
def test_error_names_the_first_five_nodes(count: int, more: str) -> None:
    shown = ", ".join(f"n{number}: failed" for number in range(min(count, 5)))
    with pytest.raises(NodesFailed) as caught:
        Report([Outcome(f"n{number}", "failed") for number in range(count)]).raise_on_error()
    assert caught.value.message == f"{count} of {count} nodes: {shown}{more}"
