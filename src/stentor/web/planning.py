"""A plan as a page shows it, from an operation that is made and not begun: whatever the action is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Literal, NamedTuple

from stentor.api.fleet import Fleet, Selection
from stentor.api.operations import Terms
from stentor.errors import Refused, SelectorError, UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.operation.guarding import Confirm, Danger
from stentor.operation.operation import Operation
from stentor.rollout.change import Preview
from stentor.rollout.plan import Wave


class Asked(NamedTuple):
    """What a form asks for."""

    nodes: tuple[str, ...] = ()  # aliases
    # An exact revision of the dotfiles, empty for the head of the branch; of services a digest of what their
    # files say, empty for whatever they say then.
    rev: str = ""
    operation: str = ""  # the number of the operation that is run again; empty for none
    which: str = ""  # of that operation's nodes (``failed``, ``not-ok``, ...); empty for ``nodes``
    services: tuple[str, ...] = ()  # names of services; none for what is no matter of services
    on: tuple[str, ...] = ()  # the nodes to which these services were narrowed; none for all of theirs


class NodeGroup(NamedTuple):
    """Nodes on which the same would change."""

    nodes: tuple[str, ...]
    preview: Preview


class Planned(NamedTuple):
    """What would be done."""

    title: str  # one line
    asked: Asked  # for exactly which nodes and which revision
    waves: tuple[Wave, ...] = ()  # in this order; none for all at once
    changes: tuple[NodeGroup, ...] = ()  # what would change, by nodes
    dangers: tuple[Danger, ...] = ()  # what has to be confirmed by the number of nodes
    blocked: str = ""  # why it cannot be done; empty if it can


Make = Callable[[Fleet, Terms, ExitStack, Asked], Operation]


class Action(NamedTuple):
    """Something that can be done."""

    name: str  # in addresses
    label: str  # on buttons
    title: str  # what the plan says above
    make: Make  # returns the operation; what it needs until its end is entered into the stack
    plan: Callable[[Action, Fleet, Asked, Cancellation], Planned]  # says what would be done
    danger: bool = False  # whether its button is red
    # What is chosen for it: ``nodes``, ``services`` or an ``operation``.
    of: Literal["nodes", "services", "operation"] = "nodes"


def select(fleet: Fleet, nodes: Sequence[str]) -> Selection:
    """Return these nodes.

    Raises:
        UsageError: there are none.
        SelectorError: one is not in the fleet.
    """
    if not nodes:
        raise UsageError("no node is selected", hint="tick nodes on the page of all nodes")
    gone = [alias for alias in nodes if alias not in fleet.data.nodes]
    if gone:
        raise SelectorError(f"not in the fleet: {', '.join(gone)}", hint="the page may be old; open it again")
    wanted = {*nodes}
    return Selection(fleet, tuple(node for alias, node in fleet.data.nodes.items() if alias in wanted))


def plan(action: Action, fleet: Fleet, asked: Asked, cancellation: Cancellation) -> Planned:
    """Say what would be done, from an operation that is made and not begun."""
    terms, dangers = collecting(cancellation)
    with ExitStack() as stack:
        operation = action.make(fleet, terms, stack, asked)
        nodes = operation.request.nodes
        previews = operation.change.preview(nodes, fleet.reach(cancellation=cancellation))
        waves = operation.plan.waves if operation.plan else ()
        title = operation.request.title
        return Planned(title, asked._replace(nodes=nodes), waves, grouped(previews), tuple(dangers))


def grouped(previews: Mapping[str, Preview]) -> tuple[NodeGroup, ...]:
    """Put nodes together on which the same would change; those with a blocker come first."""
    groups: dict[Preview, list[str]] = {}
    for alias, preview in previews.items():
        groups.setdefault(preview._replace(node=""), []).append(alias)
    found = [NodeGroup(tuple(nodes), preview) for preview, nodes in groups.items()]
    return tuple(sorted(found, key=lambda one: (not one.preview.blocker, bool(one.preview.unknown))))


def typed(count: str) -> Confirm:
    """Return the guard's answer of a form: the number of nodes, as it is typed at a terminal.

    Args:
        count: what was typed; empty for nothing.
    """

    def confirm(danger: Danger) -> bool:
        if count.strip() != str(len(danger.nodes)):
            raise Refused(
                "not confirmed; nothing was sent",
                hint=f"type {len(danger.nodes)}, the number of nodes, to confirm it",
            )
        return True

    return confirm


def collecting(cancellation: Cancellation) -> tuple[Terms, list[Danger]]:
    """Return terms for a plan, and the list into which comes what the guard asks."""
    dangers: list[Danger] = []

    def confirm(danger: Danger) -> bool:
        dangers.append(danger)
        return True

    return Terms(confirm=confirm, cancellation=cancellation), dangers
