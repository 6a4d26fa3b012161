"""What came of a change, by what its node says of it."""

from __future__ import annotations

import pytest

from stentor.operation.node_answer import outcome_of


@pytest.mark.parametrize(
    ("state", "kind", "reason"),
    [
        ("confirmed", "ok", "the node had confirmed it when stentor was killed"),
        ("reverted", "cancelled", "reverted after stentor was killed"),
        ("pending", "cancelled", "stentor was killed; the node reverts the change by itself"),
    ],
)
def test_a_node_that_knows_the_change_says_what_came_of_it(state: str, kind: str, reason: str) -> None:
    outcome = outcome_of("crtr", state, "stentor was killed")
    assert outcome is not None
    assert (outcome.node, outcome.kind, outcome.reason, outcome.started) == ("crtr", kind, reason, True)


@pytest.mark.parametrize("state", ["", "unknown", "none"])
def test_a_node_that_does_not_know_it_is_asked_no_more(state: str) -> None:
    assert outcome_of("crtr", state, "stentor was killed") is None
