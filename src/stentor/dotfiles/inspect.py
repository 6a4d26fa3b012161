"""What a change would do to nodes: asked of those that are up, rendered here for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.dotfiles.answer import NodePlan, node_plan
from stentor.dotfiles.plan import Blocker, blocker, is_empty, preview
from stentor.dotfiles.request import ChangeRequest
from stentor.dotfiles.visit import Question, Visit, visits
from stentor.engines.reach import Reach
from stentor.errors import Refused
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.rollout.change import Preview


class Inspection(NamedTuple):
    """What is known of the nodes before a change."""

    request: ChangeRequest  # the change
    visits: Mapping[str, Visit]  # each node's outcome and answer, in the order of the selection
    plans: Mapping[str, NodePlan]  # what would change on each node that answered
    assumed: Mapping[str, NodePlan] = {}  # the same for nodes that are down, rendered here
    # Changes of the nodes whose time was over and which were reverted first: node, operation, why.
    expired: tuple[tuple[str, str, str], ...] = ()

    @property
    def down(self) -> tuple[str, ...]:
        """Aliases of the nodes that did not answer."""
        return tuple(alias for alias, visit in self.visits.items() if not visit.answer)

    @property
    def up_to_date(self) -> tuple[str, ...]:
        """Aliases of the nodes that have the revision already."""
        rev = self.request.rev
        return tuple(a for a, plan in self.plans.items() if rev and is_empty(plan) and plan.applied == rev)

    @property
    def to_change(self) -> tuple[str, ...]:
        """Aliases of the nodes that would be changed."""
        return tuple(alias for alias in self.plans if alias not in self.up_to_date)

    @property
    def unsettled(self) -> tuple[str, ...]:
        """Aliases of the nodes that answered and have a change under way, or could say nothing."""
        return tuple(
            alias
            for alias, visit in self.visits.items()
            if visit.answer and (alias not in self.plans or self.plans[alias].pending)
        )

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of the nodes that will not be changed."""
        current = self.up_to_date
        left = [visit.outcome for alias, visit in self.visits.items() if alias not in self.plans]
        return (*left, *(Outcome(alias, "ok", 0, reason="up to date") for alias in current))

    @property
    def blockers(self) -> dict[str, Blocker]:
        """Why the change must not go ahead, by node."""
        if not self.request.rev:
            return {}  # the node itself decides whether it can go back
        wanted = self.request
        found = {
            alias: blocker(plan, overwrite=wanted.overwrite, again=wanted.again)
            for alias, plan in self.plans.items()
        }
        return {alias: one for alias, one in found.items() if one}

    def previews(self) -> dict[str, Preview]:
        """Return each node's plan as any change shows it."""
        blockers = self.blockers
        made = {}
        for alias, visit in self.visits.items():
            if (plan := self.plans.get(alias)) is not None:
                made[alias] = preview(alias, plan, blockers.get(alias))
            elif (plan := self.assumed.get(alias)) is not None:
                made[alias] = preview(alias, plan, assumed=True)
            else:
                made[alias] = Preview(alias, unknown=visit.outcome.reason or visit.outcome.kind)
        return made

    def refuse_blocked(self) -> None:
        """Stop before any node is written to: a blocker on one node stops the change on all."""
        found = self.blockers
        if not found:
            return
        shown = "; ".join(f"{alias}: {one.why}" for alias, one in list(found.items())[:3])
        more = f"; and {len(found) - 3} more nodes" if len(found) > 3 else ""
        raise Refused(
            f"{shown}{more}", hint="; ".join(dict.fromkeys(one.next_step for one in found.values()))
        )


def inspect(
    reach: Reach, nodes: Sequence[Node], request: ChangeRequest, *, keeping: bool = False
) -> Inspection:
    """Ask every node what a revision would change there, and render it here for nodes that are down.

    Args:
        request: the change, with a revision.
        keeping: as for ``visits``.
    """
    options = {
        "rev": request.rev,
        "remote": request.source.remote,
        "reinit": "yes" if request.reinit else "no",
        "exclude": ",".join(request.exclude),
    }
    question = Question("plan", options, bundle=request.bundle, prompts=request.prompts)
    found = visits(reach, nodes, question, keeping=keeping)
    seen = Inspection(request, found, _plans(found))
    if any(visit.outcome.kind == "cancelled" for visit in found.values()):
        return seen
    down = [node for node in nodes if not found[node.alias].answer]
    if not down:
        return seen
    from stentor.dotfiles.assume import assume_plans

    return seen._replace(assumed=assume_plans(reach, down, request))


def preview_rollback(reach: Reach, nodes: Sequence[Node], request: ChangeRequest) -> Inspection:
    """Ask every node what its own snapshots would bring back; of nodes that are down nothing is known."""
    found = visits(reach, nodes, Question("preview_rollback", {"to": request.to}))
    return Inspection(request, found, _plans(found))


def revert_expired(reach: Reach, nodes: Sequence[Node], seen: Inspection) -> Inspection:
    """Have nodes revert changes whose time is over, and inspect all again.

    They are left where the node went down, or its program was killed.
    """
    left = [node for node in nodes if node.alias in seen.plans and seen.plans[node.alias].pending]
    if not left:
        return seen
    ended = visits(reach, left, Question("settle"))
    expired = []
    for alias, visit in ended.items():
        for text in visit.answer.all("reverted") if visit.answer else ():
            operation, _, why = text.partition(" ")
            expired.append((alias, operation, why))
    return inspect(reach, nodes, seen.request)._replace(expired=tuple(expired))


def _plans(found: Mapping[str, Visit]) -> dict[str, NodePlan]:
    return {alias: node_plan(v.answer) for alias, v in found.items() if v.outcome.ok and v.answer}
