"""A page of what runs where, for people: from ``services.yaml`` alone, so that it can be committed."""

from __future__ import annotations

from stentor.fleet.services import Services
from stentor.webnames.overview import markdown_table, markdown_text, name_rows, node_rows, service_rows


def page(services: Services) -> str:
    """Return the page as Markdown; the same file gives the same bytes."""
    lines = ["# Services", "", "Written by `stentor services docs`; do not edit by hand."]
    if services.gateway_nodes or services.gateway:
        lines += ["", f"{_gateway(services)}"]
    parts = [("By node", node_rows), ("Web names", name_rows), ("Services", service_rows)]
    for title, rows in parts:
        if table := list(markdown_table(rows(services))):
            lines += ["", f"## {title}", *table]
    return "\n".join(lines) + "\n"


def _gateway(services: Services) -> str:
    at = f" at {services.gateway}" if services.gateway else ""
    said = f"Web names are served by {', '.join(services.gateway_nodes) or 'the gateway'}{at}"
    if services.dns:
        said += f"; DNS: {services.dns} on {', '.join(services.dns_nodes)}"
    return markdown_text(f"{said}.")
