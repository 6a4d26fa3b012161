"""How the dotfiles of nodes stand. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stentor.dotfiles.answer import NodeState, node_state
from stentor.dotfiles.git import git
from stentor.dotfiles.source import Source
from stentor.dotfiles.visit import Question, visits
from stentor.engines.reach import Reach
from stentor.fleet.model import Node
from stentor.outcome import Outcome


class NodeStatus(NamedTuple):
    """How a node's dotfiles stand."""

    outcome: Outcome  # whether it answered
    state: NodeState | None  # what it says; None if it did not answer
    wanted: str  # the revision it is compared with; empty if none is known
    missed: str = ""  # the revision it lacks because it was down; empty if none
    missed_since: float | None = None  # since when, in seconds since 1970; None if it has missed nothing


def inspect_status(
    reach: Reach,
    nodes: Sequence[Node],
    source: Source,
    rev: str,
    missed: Mapping[str, tuple[float, Mapping[str, Any]]],
    *,
    keeping: bool = False,
) -> dict[str, NodeStatus]:
    """Ask every node how it stands.

    Args:
        source: with the clone that can count commits.
        rev: the revision to compare with; empty if none is known.
        missed: what nodes missed while they were down.
        keeping: as for ``visits``.
    """
    found = {}
    counted: dict[str, tuple[int, int] | None] = {}
    question = Question("status", {"rev": rev}, timeout=60)
    for alias, visit in visits(reach, nodes, question, keeping=keeping).items():
        state = None
        if visit.answer:
            state = _with_distance(node_state(visit.answer), source, rev, reach.environ, counted)
        status = NodeStatus(visit.outcome, state, rev)
        if alias in missed:
            at, data = missed[alias]
            status = status._replace(missed=data.get("rev", ""), missed_since=data.get("since", at))
        found[alias] = status
    return found


def _with_distance(
    state: NodeState,
    source: Source,
    rev: str,
    environ: Mapping[str, str],
    counted: dict[str, tuple[int, int] | None],
) -> NodeState:
    """A node that has not fetched cannot count how far behind it is: the clone here can, once a commit."""
    at = state.applied.partition(" ")[0] or state.head
    if state.behind is not None or not source.clone or not rev or not at or at == rev:
        return state
    if at not in counted:
        words = ("rev-list", "--left-right", "--count", f"{at}...{rev}")
        said = git(source.clone, *words, environ=environ, check=False).split()
        counted[at] = (int(said[0]), int(said[1])) if len(said) == 2 else None
    apart = counted[at]
    return state._replace(ahead=apart[0], behind=apart[1]) if apart else state
