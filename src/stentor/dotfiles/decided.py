"""What nodes have decided about a change whose stentor was killed before it could write it down."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.dotfiles.answer import Answer
from stentor.dotfiles.visit import Question, visits
from stentor.engines.reach import Reach
from stentor.operation.decided import outcomes
from stentor.outcome import Outcome


def decided(reach: Reach, nodes: Sequence[str], op: str, why: str) -> dict[str, Outcome]:
    """Ask each node; return the outcomes of those that answered and know the change, by alias.

    A change that was confirmed or whose time is up is concluded on the way.

    Args:
        nodes: aliases of those on which it had begun.
        op: the change's name.
        why: what ended stentor, for reasons.
    """
    question = Question("settle", {"op": op}, timeout=reach.settings.timeout or 30.0)
    answers = visits(reach, reach.nodes(nodes), question)
    states = {alias: _state(seen.answer, op) for alias, seen in answers.items() if seen.answer}
    return outcomes(states, why)


def _state(answer: Answer, op: str) -> str:
    state = answer.one("state")
    waits = state not in ("confirmed", "reverted") and answer.one("pending").startswith(f"{op} ")
    return "pending" if waits else state
