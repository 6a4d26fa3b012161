"""A node's time is from the start of its first session to what came last."""

from stentor.outcome import Outcome
from stentor.rollout.spent import Spent


def test_first_outcome_keeps_its_time() -> None:
    spent = Spent(lambda: 100.0)
    assert spent.until_now(Outcome("a", "ok", seconds=0.1)).seconds == 0.1


def test_later_outcomes_count_from_the_first_start() -> None:
    now = [100.0]
    spent = Spent(lambda: now[0])
    spent.until_now(Outcome("a", "ok", seconds=1.5))
    now[0] = 161.0
    assert spent.until_now(Outcome("a", "failed", seconds=0.5)) == Outcome("a", "failed", seconds=62.5)
    assert spent.until_now(Outcome("b", "ok", seconds=0.5)).seconds == 0.5, "nodes are apart"
