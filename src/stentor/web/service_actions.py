"""Deploy and restart services from a page: as ``stentor services`` does it, for what its plan has shown."""

from __future__ import annotations

import os
from contextlib import ExitStack

from stentor.api import services as api
from stentor.api.fleet import Fleet
from stentor.api.operations import Terms
from stentor.errors import Refused, UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.operation.operation import Operation
from stentor.web.planning import Action, Asked, Planned, collecting, grouped

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
        why = "every node that answered has it" if known else "no node answered"
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
