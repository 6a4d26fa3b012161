"""What came of a roll-out that a push asked for: is it done, tried again later, or not tried again?"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Literal, NamedTuple

from stentor.outcome import NOT_REACHED, Outcome

FIRST_WAIT, LONGEST_WAIT = 15.0, 600.0


class Verdict(NamedTuple):
    """What becomes of a push."""

    # ``done``; ``reverted``: it is not tried again; ``failed``; ``again``: later; ``stopped``: as soon as
    # this program runs again.
    state: Literal["done", "reverted", "failed", "again", "stopped"]
    reason: str  # for people


def judge(
    outcomes: Iterable[Outcome],
    nodes: Iterable[str],
    *,
    begun: Container[str] | None = None,
    stopped: bool = False,
    caught_up: bool = True,
) -> Verdict:
    """Return what becomes of a push.

    Nodes that were down while others got the revision are caught up when they return. Where no node
    has it, or one was not come to, the push is tried again.

    Args:
        outcomes: of the roll-out.
        nodes: whom it was for.
        begun: on which of them it can have begun; None for all. Another one (without chezmoi, say) says
            nothing of the revision.
        stopped: whether this program was asked to end before the roll-out had.
        caught_up: whether nodes that were down are caught up when they return; else the push waits for them.
    """
    found = {outcome.node: outcome for outcome in outcomes}
    count = len(list(nodes))
    done = [outcome for outcome in found.values() if outcome.ok]
    # A node that is expected to be down is skipped; it gets the revision like any other when it returns.
    away = [outcome for outcome in found.values() if outcome.kind in (*NOT_REACHED, "skipped")]
    cut = [outcome for outcome in found.values() if outcome.kind == "cancelled"]
    bad = [outcome for outcome in found.values() if outcome not in (*done, *away, *cut)]
    if bad:
        reverted = [one for one in bad if one.kind == "failed" and (begun is None or one.node in begun)]
        first = (reverted or bad)[0]
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        return Verdict(
            "reverted" if reverted else "failed", f"{first.node}: {first.reason or first.kind}{more}"
        )
    if stopped and (cut or len(found) < count):
        return Verdict("stopped", "stentor serve was stopped before the end")
    if cut or len(found) < count:
        return Verdict("again", f"it stopped at a node that did not answer: {_names(away) or 'not known'}")
    if not done:
        return Verdict("again", f"no node answers: {_names(away)}")
    if away and not caught_up:
        return Verdict("again", f"on {len(done)} of {count} nodes; not reached: {_names(away)}")
    later = f"; when they return: {_names(away)}" if away else ""
    return Verdict("done", f"on {len(done)} of {count} nodes{later}")


def wait_for(attempts: int) -> float:
    """Return the seconds until the next attempt, more with each."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 10)))


def _names(outcomes: list[Outcome]) -> str:
    return ", ".join(outcome.node for outcome in outcomes[:12])
