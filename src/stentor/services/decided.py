"""What nodes have decided about a deploy whose stentor was killed before it could write it down."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.engines.reach import Reach
from stentor.outcome import Outcome
from stentor.services import program
from stentor.services.visit import visits

OPTION = "op"
"""The journal's option which has the change's name."""


def decided(reach: Reach, nodes: Sequence[str], op: str, why: str) -> dict[str, Outcome]:
    """Ask each node; return the outcomes of those that answered and know the change, by alias.

    Args:
        reach: how the nodes are reached.
        nodes: aliases of those on which it had begun.
        op: the change's name.
        why: what ended stentor, for reasons.
    """
    texts = {alias: program.compose(()) for alias in nodes}
    answers = visits(reach, texts, "decided", reach.settings.timeout or 30.0, op=op)
    said = {alias: seen.answer.one("state") if seen.answer else "" for alias, seen in answers.items()}
    outcomes = {
        "confirmed": Outcome("", "ok", 0, f"the node had confirmed it when {why}", started=True),
        "reverted": Outcome("", "cancelled", None, f"reverted after {why}", started=True),
        "pending": Outcome("", "cancelled", None, f"{why}; the node takes it back by itself", started=True),
    }
    return {alias: outcomes[state]._replace(node=alias) for alias, state in said.items() if state in outcomes}
