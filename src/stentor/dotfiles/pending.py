"""A change that waits to be confirmed: decided by hand, or by nodes whose stentor was killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from stentor.dotfiles.answer import Answer
from stentor.dotfiles.visit import Question, Visit, left_over, reverted, visit, visits
from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished
from stentor.fleet.model import Node
from stentor.operation.node_answer import outcomes
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Step

Decision = Literal["confirm", "revert"]
_VERBS = {"confirm": "keep", "revert": "revert"}
_LOOK = "see what the node has: stentor dotfiles status NODE"
_STATES = {"confirm": "confirmed", "revert": "reverted"}


def waiting(reach: Reach, nodes: Sequence[Node]) -> tuple[tuple[str, ...], tuple[Outcome, ...]]:
    """Return the nodes with a change that waits to be confirmed, and the outcomes of the others."""
    found = visits(reach, nodes, Question("status", timeout=60))
    pending = tuple(a for a, seen in found.items() if seen.answer and seen.answer.one("pending"))
    others = [seen.outcome for alias, seen in found.items() if alias not in pending]
    return pending, tuple(one._replace(reason="nothing to decide") if one.ok else one for one in others)


class DecideChange(BaseChange):
    """Keeps or reverts what waits on the nodes; an operator has looked, so no login is tried."""

    def __init__(self, decision: Decision) -> None:
        self.name = f"dotfiles {decision}"
        self.title = f"{decision} the change that waits"
        self._decision = decision

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Decide it on each node."""
        question = Question(_VERBS[self._decision], {"why": "reverted by hand"})
        for event in visit(reach, reach.nodes(nodes), question):
            yield Finished(event.outcome.node, self._outcome(event)) if isinstance(event, Visit) else event

    def _outcome(self, seen: Visit) -> Outcome:
        if not seen.answer or seen.answer.trouble:
            return seen.outcome
        state, wanted = seen.answer.one("state"), _STATES[self._decision]
        if state == wanted:
            if hint := left_over(seen.answer):
                return seen.outcome._replace(kind="failed", code=1, reason=reverted(seen.answer), hint=hint)
            return seen.outcome._replace(kind="ok", code=0, reason=wanted)
        reason = (
            f"it is {state} already"
            if state in _STATES.values()
            else "nothing waits to be confirmed any more"
        )
        return seen.outcome._replace(kind="failed", code=1, reason=reason, hint=_LOOK)


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
