"""What a node has decided about a change whose stentor was killed before it could write it down."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.outcome import Outcome

OPTION = "op"
"""The journal's option which has the change's name."""


def outcomes(states: Mapping[str, str], why: str) -> dict[str, Outcome]:
    """Return what came of a change on the nodes that know it, by alias; see :func:`outcome_of`."""
    told = {alias: outcome_of(alias, state, why) for alias, state in states.items()}
    return {alias: outcome for alias, outcome in told.items() if outcome is not None}


def outcome_of(alias: str, state: str, why: str) -> Outcome | None:
    """Return what came of a change on a node; None if the node does not know it.

    Args:
        state: that the node says: ``confirmed``, ``reverted`` or ``pending``; anything else is not known.
        why: what ended stentor, for reasons.
    """
    if state == "confirmed":
        return Outcome(alias, "ok", 0, f"the node had confirmed it when {why}", started=True)
    reason = {
        "reverted": f"reverted after {why}",
        "pending": f"{why}; the node reverts the change by itself",
    }.get(state)
    return Outcome(alias, "cancelled", None, reason, started=True) if reason else None
