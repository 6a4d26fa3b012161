"""Web names as site blocks of a Caddyfile."""

from __future__ import annotations

from stentor.errors import FleetError
from stentor.export.view import Made, View
from stentor.webnames.caddyfile import sites


def make(view: View) -> Made:
    """Return the blocks."""
    if not view.services.sites:
        raise FleetError(
            "there are no web names", where=f"{view.fleet.root}/services.yaml",
            hint="write them under 'domains': - {fqdn: chat.home.example, backend: 'localhost:8080'}",
        )  # fmt: skip
    return Made(sites(view.services.sites))
