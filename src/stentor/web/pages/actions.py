"""From ticked nodes to an operation: the plan as a page, and the button that carries it out."""

from __future__ import annotations

import time
from contextlib import ExitStack
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stentor.api.fleet import Fleet
from stentor.api.operations import Terms
from stentor.api.probes import pings
from stentor.errors import StentorError
from stentor.operation.operation import Operation
from stentor.web.access import Call, Form, operator
from stentor.web.actions import ACTIONS
from stentor.web.pages.names import folder_of
from stentor.web.planning import Action, Asked, select, typed
from stentor.web.service import Service

LOOKS = {"ping": "Ping", "status": "Ask for the status", "doctor": "Examine"}
"""What only looks at nodes: name to label. It needs no plan."""

_CHOSEN = ("do", "node", "service", "on")


def asked_of(form: Form) -> Asked:
    """Return what a form asks for."""
    nodes, services, on = (
        tuple(dict.fromkeys(filter(None, form.all(name)))) for name in ("node", "service", "on")
    )
    return Asked(nodes, form.get("rev"), form.get("operation"), form.get("which"), services, on)


def _action(name: str) -> Action:
    if name not in ACTIONS:
        raise HTTPException(404, f"there is no action '{name[:30]}'")
    return ACTIONS[name]


def routes(service: Service) -> list[Route]:
    """Return the routes."""

    def plan(call: Call) -> Response:
        action, asked = _action(call.query.get("do")), asked_of(call.query)
        with service.operations.looking() as cancellation:
            planned = action.plan(action, service.fleets.of(call.caller), asked, cancellation)
        count = max((len(danger.nodes) for danger in planned.dangers), default=0)
        return service.templates.render(
            call.request,
            "plan.html",
            call.caller,
            action=action,
            planned=planned,
            count=count,
            fold=folder_of(service),
        )

    def to_plan(call: Call) -> Response:
        # The form has the session's token, which must not come to stand in an address.
        wanted = [(name, value) for name, value in call.form.pairs if name in _CHOSEN and value]
        return RedirectResponse(f"/plan?{urlencode(wanted)}", 303)

    def do(call: Call) -> Response:
        name, asked = call.form.get("do"), asked_of(call.form)
        if name in LOOKS:
            return _look(call, name, asked)
        action = _action(name)

        def make(fleet: Fleet, terms: Terms, stack: ExitStack) -> Operation:
            return action.make(fleet, terms, stack, asked)

        job = service.operations.start(make, call.caller, typed(call.form.get("count")))
        if not job.number:
            raise StentorError(
                "it is under way, and the journal has no entry of it", hint="see 'stentor serve doctor'"
            )
        return RedirectResponse(f"/operations/{job.number}", 303)

    def _look(call: Call, name: str, asked: Asked) -> Response:
        selection = select(service.fleets.of(call.caller), asked.nodes)
        if name == "ping":
            for one in pings(selection):
                service.watch.ping_seen(one, time.time())
        elif name == "status":
            service.watch.look()
        else:
            service.examining.start(selection)
            if len(asked.nodes) > 1:
                return RedirectResponse(f"/doctor?{urlencode([('node', one) for one in asked.nodes])}", 303)
        to_node = name == "doctor" or call.form.get("from") == "node"
        here = f"/nodes/{quote(asked.nodes[0])}" if to_node else "/"
        return RedirectResponse(here, 303)

    return [
        operator("/plan", plan, asks_nodes=True),
        operator("/plan", to_plan, methods=["POST"]),
        operator("/do", do, methods=["POST"], asks_nodes=True),
    ]
