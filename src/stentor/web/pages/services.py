"""The services of ``services.yaml`` and their web names; how they stand, when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from stentor.api import services as api
from stentor.api.fleet import Fleet
from stentor.api.operations import Terms
from stentor.errors import FleetError
from stentor.fanout.task import Settings
from stentor.fleet.services import Services, Site
from stentor.services.status import NodeServices, ServiceStatus
from stentor.web.access import Call, operator, viewer
from stentor.web.actions import actions_of
from stentor.web.service import Service

_LIMITS = Settings(connect_timeout=5.0, timeout=20.0)


class Line(NamedTuple):
    """A service on a node."""

    name: str  # of the service
    node: str  # the alias
    kind: str  # what manages it
    expected: str  # what the file says
    state: str  # what the node says; empty where it was not asked
    style: str  # the class that colours it
    problems: tuple[str, ...]  # what is wrong
    ports: str  # on which it listens by the file
    first: bool  # whether it is the first line of a service that is managed


def lines(said: Services, found: Mapping[str, NodeServices]) -> list[Line]:
    """Return a line for each service and node.

    Args:
        said: what the file says.
        found: what nodes said, by alias.
    """
    told = {(one.node, one.name): one for node in found.values() for one in node.services}
    made: list[Line] = []
    for service in said.services.values():
        for number, alias in enumerate(service.nodes):
            ports = ", ".join(map(str, service.ports))
            head = (service.name, alias, service.kind or "not managed", service.state)
            state, style, problems = _state(told.get((alias, service.name)), found.get(alias))
            first = bool(service.kind) and number == 0
            made.append(Line(*head, state, style, problems, ports, first))
    return made


def _state(one: ServiceStatus | None, node: NodeServices | None) -> tuple[str, str, tuple[str, ...]]:
    if one is not None:
        return one.state, "good" if one.good else "bad", one.problems
    if node is not None and not node.outcome.ok:
        return node.outcome.kind, "warning", (node.outcome.reason,)
    return "", "quiet", ()


def routes(service: Service) -> list[Route]:
    """Return the routes."""
    service.templates.shown.add("/services")

    def read(fleet: Fleet) -> tuple[Services | None, str]:
        try:
            return api.read(fleet), ""
        except FleetError as error:
            return None, str(error)

    def page(call: Call, found: Mapping[str, NodeServices], said: Services | None, problem: str) -> Response:
        sites: Sequence[Site] = said.sites if said else ()
        return service.templates.render(
            call.request,
            "services.html",
            call.caller,
            lines=lines(said, found) if said else [],
            sites=sites,
            nodes=dict.fromkeys(alias for one in said.services.values() for alias in one.nodes)
            if said
            else (),
            actions=actions_of("services"),
            problem=problem,
            asked=time.time() if found else None,
        )

    def show(call: Call) -> Response:
        return page(call, {}, *read(service.fleet()))

    def ask(call: Call) -> Response:
        fleet = service.fleets.of(call.caller)
        said, problem = read(fleet)
        found: Mapping[str, NodeServices] = {}
        if said:
            with service.operations.looking() as cancellation:
                terms = Terms(_LIMITS, cancellation=cancellation)
                found = api.statuses(fleet, api.Wanted(fleet, said), terms)
        return page(call, found, said, problem)

    return [viewer("/services", show), operator("/services", ask, methods=["POST"], asks_nodes=True)]
