"""The pages: what the API and the journal say, put into templates. Each works without JavaScript."""

from __future__ import annotations

from starlette.routing import Route

from stentor.web.background import Background
from stentor.web.pages import actions, deliveries, doctor, node, nodes, operations, passkeys, services
from stentor.web.service import Service


def routes(service: Service, background: Background) -> list[Route]:
    """Return the routes of all pages."""
    found: list[Route] = []
    for page in (nodes, operations, actions, doctor, services, passkeys):
        found += page.routes(service)
    found += node.routes(service, background.keeper.history)
    return found + deliveries.routes(service, background.hooks)
