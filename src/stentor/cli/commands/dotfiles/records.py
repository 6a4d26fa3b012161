"""The records of ``dotfiles``, built from what the feature says."""

from __future__ import annotations

from stentor.dotfiles.answer import NodePlan, NodeState
from stentor.dotfiles.status import NodeStatus
from stentor.outcome import Outcome
from stentor.render import json_dotfiles as records


def planned(outcome: Outcome, plan: NodePlan, *, assumed: bool = False) -> records.Planned:
    """Return the record of a node's plan."""
    conflicts = [records.Conflict(one.kind, one.path) for one in plan.conflicts]
    diff = "\n".join(plan.diff)
    return records.Planned.of(plan, outcome, assumed=assumed, conflicts=conflicts, diff=diff)


def status(found: NodeStatus) -> records.Dotfiles:
    """Return the record of how a node stands."""
    state = found.state or NodeState()
    return records.Dotfiles.of(state, found, found.outcome, missed=found.missed or None)
