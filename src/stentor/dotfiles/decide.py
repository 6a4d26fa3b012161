"""Whether a node's change may go ahead, and which nodes would change alike. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from stentor.dotfiles.answer import Look
from stentor.outcome import NOT_REACHED, Outcome

CONFLICTS = {
    "edited": "changed on the node since chezmoi wrote it",
    "existing": "was there before chezmoi ever wrote it",
    "source": "uncommitted in the node's clone",
}


class Obstacle(NamedTuple):
    """Why a change must not go ahead on a node, and what can be done."""

    why: str
    way_on: str


def obstacle(look: Look, *, take: Collection[str] = (), again: bool = False) -> Obstacle | None:
    """Say why this change must not go ahead; None if it may.

    Args:
        look: what it would do.
        take: kinds of conflict which the user said may be overwritten.
        again: whether a revision that was undone before may be tried again.
    """
    if look.pending:
        operation = look.pending.partition(" ")[0]
        return Obstacle(
            f"{operation} waits to be confirmed or undone",
            "'stentor dotfiles confirm' or 'revert' ends it",
        )
    standing = [conflict for conflict in look.conflicts if conflict.kind not in take]
    if standing:
        first = standing[0]
        more = f" and {len(standing) - 1} more" if len(standing) > 1 else ""
        return Obstacle(
            f"{first.path}{more}: {CONFLICTS.get(first.kind, first.kind)}",
            f"undo it there, or commit it, or --overwrite {first.kind}",
        )
    if look.tried and not again:
        return Obstacle(
            f"this revision was undone here before: {look.tried.partition(' ')[2] or look.tried}",
            "mend it in a new commit, or insist with --again",
        )
    return None


def is_empty(look: Look) -> bool:
    """Whether nothing would change."""
    return not look.changes and not look.warnings


def never_got(outcomes: Iterable[Outcome], silent: Sequence[str], *, stands: bool) -> tuple[str, ...]:
    """Return the nodes that were out of reach while others got a change: they have missed it.

    Args:
        outcomes: of the nodes that were to get it.
        silent: those that were out of reach from the beginning.
        stands: whether others have it already.
    """
    some = list(outcomes)
    if not stands and not any(outcome.ok for outcome in some):
        return ()
    dropped = [outcome.node for outcome in some if outcome.kind in NOT_REACHED]
    return tuple(dict.fromkeys((*silent, *dropped)))


class Alike(NamedTuple):
    """Nodes on which a change does exactly the same."""

    nodes: tuple[str, ...]
    look: Look


def merge(looks: Mapping[str, Look]) -> list[Alike]:
    """Put nodes together whose plan is the same, the largest group first, those with conflicts before all.

    What only tells where a node comes from (the revision it had, its chezmoi's version) does not
    keep nodes apart.
    """
    groups: dict[Look, list[str]] = {}
    for node, look in looks.items():
        groups.setdefault(look._replace(applied="", chezmoi=""), []).append(node)
    merged = [Alike(tuple(nodes), look) for look, nodes in groups.items()]
    return sorted(
        merged, key=lambda alike: (not alike.look.conflicts, is_empty(alike.look), -len(alike.nodes))
    )
