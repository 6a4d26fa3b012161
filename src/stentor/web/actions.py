"""What a page can do to nodes: a row each, with how it is planned and the operation that does it.

As at a terminal: the plan names the nodes, what would change, the waves, and what the guard asks.
Planning changes nothing on a node. What is done then is for exactly the nodes, and the revision, of the plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from stentor.api import dotfiles
from stentor.api import services as api
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
from stentor.web.planning import Action, Asked, Make, Planned, collecting, grouped, plan, select

# Whoever sees a plan must not find a short secret by trying what its digest comes from.
_KEY = os.urandom(32)
_OLD = "make the plan again"


def _wanted(fleet: Fleet, asked: Asked) -> api.Wanted:
    """Return which services, on which nodes.

    Raises:
        UsageError: none is named, or one of them is none.
    """
    said = api.read(fleet)
    if not asked.services:
        raise UsageError("no service is selected", hint="tick services on their page")
    gone = [name for name in asked.services if name not in said.services]
    if gone:
        raise UsageError(
            f"not in services.yaml: {', '.join(gone)}", hint="the page may be old; open it again"
        )
    nodes = [",".join(asked.on)] if asked.on else []
    wanted = api.Wanted(fleet, said, [*asked.services, *nodes])
    if asked.on and not {*wanted.nodes} <= {*asked.on}:  # a service of a node's name
        raise UsageError(f"'{asked.on[0]}' is a service and a node", hint="at a terminal: stentor services")
    return wanted


def plan_deploy(action: Action, fleet: Fleet, asked: Asked, cancellation: Cancellation) -> Planned:  # noqa: ARG001
    """Say what a deploy would change; nothing is written."""
    wanted = _wanted(fleet, asked)
    change = api.change_of(wanted)
    terms, dangers = collecting(cancellation)
    seen = api.plan(wanted, change, terms)
    changes, title = grouped(seen), change.title
    asked = asked._replace(nodes=tuple(alias for alias, one in seen.items() if one.changes))
    if first := next((one for one in seen.values() if one.blocker), None):
        return Planned(title, asked, (), changes, blocked=f"{first.node}: {first.blocked}; {first.next_step}")
    if not asked.nodes:
        known = any(not one.unknown for one in seen.values())
        why = "every node that answered has it" if known else "none of these nodes could be planned"
        return Planned(title, asked, (), changes, blocked=why)
    operation = api.deploy_operation(wanted, change, asked.nodes, terms)
    waves = operation.plan.waves if operation.plan else ()
    asked = asked._replace(rev=change.digest(asked.nodes, _KEY))
    return Planned(title, asked, waves, changes, tuple(dangers))


def deploy(fleet: Fleet, terms: Terms, _: ExitStack, asked: Asked) -> Operation:
    """Return the operation of a plan.

    Raises:
        Refused: the files say something else since the plan was made.
    """
    wanted = _wanted(fleet, asked)
    change = api.change_of(wanted)
    nodes = asked.nodes or change.nodes
    if gone := [alias for alias in nodes if alias not in change.nodes]:
        raise Refused(f"no service of these is on {', '.join(gone)} any more", hint=_OLD)
    if asked.rev and asked.rev != change.digest(nodes, _KEY):
        raise Refused("the files of these services have changed since the plan", hint=_OLD)
    return api.deploy_operation(wanted, change, nodes, terms)


def restart(fleet: Fleet, terms: Terms, _: ExitStack, asked: Asked) -> Operation:
    """Return the operation that restarts services.

    Raises:
        Refused: they are on other nodes since the plan was made.
    """
    operation = api.control_operation(_wanted(fleet, asked), "restart", terms)
    if asked.nodes and {*asked.nodes} != {*operation.request.nodes}:
        raise Refused("these services are on other nodes since the plan", hint=_OLD)
    return operation


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
        why = (
            "every node that answered has this revision"
            if seen.plans
            else "none of these nodes could be planned"
        )
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
        Action("deploy", "Deploy", "Deploy services", deploy, plan_deploy, of="services"),
        Action("restart", "Restart", "Restart services", restart, plan, of="services"),
    )
}
"""By name, in the order of their buttons."""


def on_nodes() -> list[Action]:
    """Return the actions for which nodes are chosen."""
    return actions_of("nodes")


def actions_of(what: str) -> list[Action]:
    """Return the actions for which nodes, services or an operation are chosen."""
    return [one for one in ACTIONS.values() if one.of == what]
