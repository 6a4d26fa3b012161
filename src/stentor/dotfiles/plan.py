"""What a change would do to each node, whether it may go ahead, and on which nodes it does the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from stentor.dotfiles.answer import CONFIG_OUTDATED, NodePlan
from stentor.rollout.change import Preview

CONFLICTS = {
    "edited": "changed on the node since chezmoi wrote it",
    "existing": "existed before chezmoi managed it",
    "source": "only in the node's clone",
    "protected": "stentor's own state, by which changes are reverted",
}


class Blocker(NamedTuple):
    """Why a change must not go ahead, and how that is removed."""

    why: str
    next_step: str


def blocker(plan: NodePlan, *, overwrite: Collection[str] = (), again: bool = False) -> Blocker | None:
    """Return why this change must not go ahead on a node; None if it may.

    Args:
        overwrite: kinds of conflict that the user allows to be overwritten.
        again: whether a revision that was reverted before may be applied again.
    """
    if plan.pending:
        operation = plan.pending.partition(" ")[0]
        return Blocker(
            f"{operation} waits to be confirmed",
            "decide it with 'stentor dotfiles confirm NODE' or 'stentor dotfiles revert NODE'",
        )
    own = [conflict.path for conflict in plan.conflicts if conflict.kind == "protected"]
    if own:
        return Blocker(
            f"{own[0]}: {CONFLICTS['protected']}", "leave that path alone in the repository (.chezmoiignore)"
        )
    left = [conflict for conflict in plan.conflicts if conflict.kind not in overwrite]
    if left:
        first = left[0]
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        why = f"{first.path}{more}: {CONFLICTS.get(first.kind, first.kind)}"
        if first.kind == "existing" and not plan.applied:
            return Blocker(
                why,
                "set the node up with 'stentor dotfiles init', which keeps the old files; or overwrite them "
                "(--overwrite existing), or leave that node out",
            )
        return Blocker(
            why,
            "revert the edit on the node, add it to the repository, "
            f"overwrite it (--overwrite {first.kind}), or leave that node out",
        )
    if plan.tried and not again:
        return Blocker(
            f"this revision was reverted here before: {plan.tried.partition(' ')[2] or plan.tried}",
            "if the revision is at fault, fix it in a new commit; else apply it again with --again",
        )
    return None


def is_empty(plan: NodePlan) -> bool:
    """Whether nothing would change."""
    return not plan.changes and {*plan.warnings} <= {CONFIG_OUTDATED}


def preview(node: str, plan: NodePlan, found: Blocker | None = None, *, assumed: bool = False) -> Preview:
    """Return a node's plan as any change shows it."""
    why, next_step = found or ("", "")
    changes = (*plan.changes, *(f"   {path} (external)" for path in plan.externals))
    return Preview(node, changes, plan.diff, why, next_step, assumed)


class PlanGroup(NamedTuple):
    """Nodes on which a change does exactly the same."""

    nodes: tuple[str, ...]
    plan: NodePlan


def group(plans: Mapping[str, NodePlan]) -> list[PlanGroup]:
    """Group nodes whose plan is the same: those with conflicts first, then the largest group.

    The revision a node had and its chezmoi's version do not keep nodes apart.
    """
    groups: dict[NodePlan, list[str]] = {}
    for node, plan in plans.items():
        groups.setdefault(plan._replace(applied="", chezmoi=""), []).append(node)
    found = [PlanGroup(tuple(nodes), plan) for plan, nodes in groups.items()]
    return sorted(found, key=lambda one: (not one.plan.conflicts, is_empty(one.plan), -len(one.nodes)))
