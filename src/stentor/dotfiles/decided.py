"""What nodes have decided about a change whose stentor was killed before it could write it down."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.dotfiles.visit import Question, Visit, visits
from stentor.engines.reach import Reach
from stentor.fleet.model import Node
from stentor.outcome import Outcome

OPTION = "op"
"""The journal's option which has the change's name."""


def decided(reach: Reach, nodes: Sequence[Node], op: str, why: str) -> dict[str, Outcome]:
    """Ask each node; return the outcomes of those that answered and know the change, by alias.

    A change that was confirmed or whose time is up is concluded on the way.

    Args:
        reach: how the nodes are reached.
        nodes: those on which it had begun.
        op: the change's name.
        why: what ended stentor, for reasons.
    """
    answers = visits(reach, nodes, Question("settle", {"op": op}, timeout=reach.settings.timeout or 30.0))
    told = {alias: _outcome(alias, seen, op, why) for alias, seen in answers.items()}
    return {alias: outcome for alias, outcome in told.items() if outcome is not None}


def _outcome(alias: str, seen: Visit, op: str, why: str) -> Outcome | None:
    if seen.answer is None:
        return None
    state = seen.answer.one("state")
    if state == "confirmed":
        return Outcome(alias, "ok", 0, f"a new login had confirmed it when {why}", started=True)
    if state == "reverted":
        return Outcome(alias, "cancelled", None, f"reverted after {why}", started=True)
    if seen.answer.one("pending").startswith(f"{op} "):
        return Outcome(
            alias, "cancelled", None, f"{why}; the node reverts the change by itself", started=True
        )
    return None
