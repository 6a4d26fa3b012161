"""The exit-code contract and the order of a summary."""

import pytest

from stentor.errors import NodesFailed
from stentor.outcome import Outcome, Report, exit_code


@pytest.mark.parametrize(
    ("outcomes", "plain", "largest"),
    [
        ([], 0, 0),
        ([Outcome("a", "ok", 0)], 0, 0),
        ([Outcome("a", "skipped")], 0, 0),
        ([Outcome("a", "failed", 3), Outcome("b", "failed", 7)], 1, 7),
        ([Outcome("a", "failed", 3), Outcome("b", "unreachable")], 1, 255),
        ([Outcome("a", "ok", 0), Outcome("b", "denied")], 4, 255),
        ([Outcome("a", "timed-out")], 1, 254),
        ([Outcome("a", "ok", 0), Outcome("b", "cancelled")], 130, 130),
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
