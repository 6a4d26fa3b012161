"""What the doctor found, node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from stentor.web.access import Call, viewer
from stentor.web.examining import TOPIC
from stentor.web.hub import Patches
from stentor.web.service import Service

if TYPE_CHECKING:
    from stentor.probe.doctor import Diagnosis


class Chart(NamedTuple):
    """A node as the doctor sees it."""

    alias: str  # of the node
    diagnosis: Diagnosis | None  # None where it was not examined since the page is served
    at: float  # when it was, in seconds since 1970
    under_way: bool  # whether it is being examined


def chart_of(service: Service, alias: str) -> Chart:
    """Return what the doctor found on a node."""
    found = service.examining.found().get(alias)
    under_way = alias in service.examining.under_way
    return Chart(alias, found.diagnosis if found else None, found.at if found else 0.0, under_way)


def routes(service: Service) -> list[Route]:
    """Return the routes, and say how the page is kept up to date."""

    def patches(_: str) -> Patches:
        charts = [chart_of(service, alias) for alias in service.fleet().data.nodes]
        return {
            f"doctor-{one.alias}": service.templates.fill("doctor_node.html", chart=one) for one in charts
        }

    def show(call: Call) -> Response:
        known = service.fleet().data.nodes
        wanted = [alias for alias in call.query.all("node") if alias in known]
        seen = {*service.examining.found(), *service.examining.under_way}
        charts = [chart_of(service, alias) for alias in wanted or [alias for alias in known if alias in seen]]
        return service.templates.render(
            call.request, "doctor.html", call.caller, charts=charts, trouble=service.examining.trouble
        )

    service.rendered.add(TOPIC, patches)
    return [viewer("/doctor", show)]
