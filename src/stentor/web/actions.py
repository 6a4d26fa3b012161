"""What a page can do to nodes: a row each, with how it is planned and the operation that does it.

As at a terminal: the plan names the nodes, what would change, the waves, and what the guard asks.
Planning changes nothing on a node. What is done then is for exactly the nodes, and the revision, of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from stentor.api import dotfiles
from stentor.api.dotfiles_acting import apply_operation, confirm_operation, revert_operation
from stentor.api.fleet import Fleet, Selection
from stentor.api.history import again
from stentor.api.operations import Terms
from stentor.api.power import reboot_operation, shutdown_operation, wake_operation
from stentor.api.rerun import SETS, chosen
from stentor.api.run import run_operation
from stentor.errors import Refused, UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.operation.operation import Operation
from stentor.web import service_actions as services
from stentor.web.planning import Action, Asked, Make, Planned, collecting, grouped, plan, select


def plan_dotfiles(action: Action, fleet: Fleet, asked: Asked, cancellation: Cancellation) -> Planned:
    """Say what a revision would change on each node, and whether it may."""
    selection = select(fleet, asked.nodes)
    terms, dangers = collecting(cancellation)
    seen = dotfiles.plan(selection, dotfiles.Wanted(asked.rev or None), terms)
    changes = grouped(seen.previews())
    title = dotfiles.repository_of(fleet).title(seen.request.rev)
    asked = asked._replace(rev=seen.request.rev)
    if seen.blockers:
        first = next(iter(seen.blockers.items()))
        return Planned(title, asked, (), changes, blocked=f"{first[0]}: {first[1].why}")
    if not seen.to_change:
        why = "every node that answered has this revision" if seen.plans else "no node answered"
        return Planned(title, asked, (), changes, blocked=why)
    operation = apply_operation(selection, seen, terms, kind=_kind(action))
    waves = operation.plan.waves if operation.plan else ()
    return Planned(title, asked, waves, changes, tuple(dangers))


def _kind(action: Action) -> str:
    return f"dotfiles {'catch-up' if action.name == 'catch-up' else 'apply'}"


def _apply(kind: str) -> Make:
    def make(fleet: Fleet, terms: Terms, _: ExitStack, asked: Asked) -> Operation:
        selection = select(fleet, asked.nodes)
        if not asked.rev:
            raise UsageError("no revision is named", hint="make the plan again")
        seen = dotfiles.plan(selection, dotfiles.Wanted(asked.rev), terms, expire=True)
        return apply_operation(selection, seen, terms, kind=kind)

    return make


def plan_catch_up(action: Action, fleet: Fleet, asked: Asked, cancellation: Cancellation) -> Planned:
    """Say what nodes missed: one revision at a time, the first that was missed."""
    late = dotfiles.missed(select(fleet, asked.nodes))
    if not late:
        return Planned("catch up", asked, blocked="these nodes have missed nothing")
    rev, selection = late[0]
    nodes = tuple(node.alias for node in selection.nodes)
    return plan_dotfiles(action, fleet, asked._replace(nodes=nodes, rev=rev), cancellation)


def _rerun(fleet: Fleet, terms: Terms, stack: ExitStack, asked: Asked) -> Operation:
    if asked.which and asked.which not in SETS:
        raise UsageError(f"there is no set '{asked.which}'", hint=", ".join(SETS))
    choice = chosen(fleet.environ, asked.operation, (asked.which,) if asked.which else (), fleet.data.root)
    if choice.record is None or not choice.nodes:
        raise UsageError(f"no such node in operation {asked.operation}; nothing to rerun")
    nodes = [alias for alias in choice.nodes if alias in fleet.data.nodes]
    if asked.nodes:  # those of the plan, whatever has come since
        nodes = [alias for alias in asked.nodes if alias in nodes]
    run = stack.enter_context(again(fleet, choice.record, nodes, terms))
    if run.env_secret or run.sudo is not None:
        raise Refused(
            f"operation {choice.record.id} needs secrets, which are not kept",
            hint=f"at a terminal: stentor rerun {choice.record.id}",
        )
    return run_operation(select(fleet, nodes), run.wanted, run.terms)


def _on_nodes(
    name: str, label: str, title: str, make: Callable[[Selection, Terms], Operation], *, danger: bool = False
) -> Action:
    """Return the action whose operation needs nothing but the nodes."""

    def on(fleet: Fleet, terms: Terms, _: ExitStack, asked: Asked) -> Operation:
        return make(select(fleet, asked.nodes), terms)

    return Action(name, label, title, on, plan, danger)


ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action("dotfiles", "Apply dotfiles", "Apply dotfiles", _apply("dotfiles apply"), plan_dotfiles),
        Action("catch-up", "Catch up", "Catch up", _apply("dotfiles catch-up"), plan_catch_up),
        _on_nodes("confirm", "Confirm", "Keep a change that waits to be confirmed", confirm_operation),
        _on_nodes("revert", "Revert", "Revert a change that waits to be confirmed", revert_operation),
        _on_nodes("wake", "Wake", "Wake by Wake-on-LAN", wake_operation),
        _on_nodes("reboot", "Reboot", "Reboot, one after the other", reboot_operation, danger=True),
        _on_nodes("shutdown", "Shut down", "Shut down", shutdown_operation, danger=True),
        Action("rerun", "Run again", "Run again", _rerun, plan, of="operation"),
        Action("deploy", "Deploy", "Deploy services", services.deploy, services.plan_deploy, of="services"),
        Action("restart", "Restart", "Restart services", services.restart, plan, of="services"),
    )
}
"""By name, in the order of their buttons."""


def on_nodes() -> list[Action]:
    """Return the actions for which nodes are chosen."""
    return actions_of("nodes")


def actions_of(what: str) -> list[Action]:
    """Return the actions for which nodes, services or an operation are chosen."""
    return [one for one in ACTIONS.values() if one.of == what]
