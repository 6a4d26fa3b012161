"""What nodes have decided about a deploy whose stentor was killed before it could write it down."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.engines.reach import Reach
from stentor.operation.node_answer import outcomes
from stentor.outcome import Outcome
from stentor.services import program
from stentor.services.visit import visits


def decided(reach: Reach, nodes: Sequence[str], op: str, why: str) -> dict[str, Outcome]:
    """Ask each node; return the outcomes of those that answered and know the change, by alias.

    Args:
        nodes: aliases of those on which it had begun.
        op: the change's name.
        why: what ended stentor, for reasons.
    """
    texts = {alias: program.compose(()) for alias in nodes}
    answers = visits(reach, texts, "decided", reach.settings.timeout or 30.0, op=op)
    states = {alias: seen.answer.one("state") for alias, seen in answers.items() if seen.answer}
    return outcomes(states, why)
