"""What came to the webhooks, and what became of it."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from stentor.api.hook_receiver import Receiver
from stentor.hooks.queue import Delivered
from stentor.web.access import Call, viewer
from stentor.web.background import DELIVERIES
from stentor.web.hub import Patches
from stentor.web.service import Service

_LISTED = 100
STYLES = {
    "done": "good",
    "queued": "busy",
    "running": "busy",
    "failed": "bad",
    "reverted": "bad",
    "refused": "warning",
}


def routes(service: Service, hooks: Receiver) -> list[Route]:
    """Return the routes, and say how the page is kept up to date."""

    def listed() -> list[Delivered]:
        return hooks.queue().deliveries(_LISTED)

    def patches(_: str) -> Patches:
        return {
            "deliveries": service.templates.fill("deliveries_table.html", deliveries=listed(), styles=STYLES)
        }

    def show(call: Call) -> Response:
        return service.templates.render(
            call.request,
            "deliveries.html",
            call.caller,
            deliveries=listed(),
            styles=STYLES,
            hooks=service.fleet().data.policy.hooks.each,
        )

    service.rendered.add(DELIVERIES, patches)
    service.templates.shown.add("/deliveries")
    return [viewer("/deliveries", show)]
