"""The records of ``dotfiles``, built from what the feature says."""

from __future__ import annotations

from stentor.dotfiles.answer import NodePlan, NodeState
from stentor.dotfiles.status import NodeStatus
from stentor.outcome import Outcome
from stentor.render import json_dotfiles as records


def planned(outcome: Outcome, plan: NodePlan, *, assumed: bool = False) -> records.Planned:
    """Return the record of a node's plan."""
    return records.Planned(
        node=outcome.node,
        kind=outcome.kind,
        reason=outcome.reason,
        assumed=assumed,
        conflicts=[records.Conflict(one.kind, one.path) for one in plan.conflicts],
        changes=list(plan.changes),
        diff="\n".join(plan.diff),
        scripts=list(plan.scripts),
        externals=list(plan.externals),
        deletes=list(plan.deletes),
        warnings=list(plan.warnings),
        applied=plan.applied,
        pending=plan.pending,
        tried=plan.tried,
        chezmoi=plan.chezmoi,
    )


def status(found: NodeStatus) -> records.Dotfiles:
    """Return the record of how a node stands."""
    state = found.state or NodeState()
    return records.Dotfiles(
        node=found.outcome.node,
        kind=found.outcome.kind,
        reason=found.outcome.reason,
        wanted=found.wanted,
        missed=found.missed or None,
        missed_since=found.missed_since,
        chezmoi=state.chezmoi,
        applied=state.applied,
        head=state.head,
        branch=state.branch,
        ahead=state.ahead,
        behind=state.behind,
        drift=list(state.drift),
        differs=list(state.differs),
        uncommitted=list(state.uncommitted),
        pending=state.pending,
        reverted=list(state.reverted),
        timer=state.timer,
        stderr=list(state.stderr),
    )
