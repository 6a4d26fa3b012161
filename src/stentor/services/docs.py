"""A page of what runs where, for people: from ``services.yaml`` alone, so that it can be committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stentor.fleet.services import Services
from stentor.webnames.overview import name_rows, node_rows, service_rows


def page(services: Services) -> str:
    """Return the page as Markdown; the same file gives the same bytes."""
    lines = ["# Services", "", "Written by `stentor services docs`; do not edit by hand."]
    if services.gateway_nodes or services.gateway:
        lines += ["", f"{_gateway(services)}"]
    parts = [("By node", node_rows), ("Web names", name_rows), ("Services", service_rows)]
    for title, rows in parts:
        lines += _table(title, rows(services))
    return "\n".join(lines) + "\n"


def _gateway(services: Services) -> str:
    at = f" at {services.gateway}" if services.gateway else ""
    said = f"Web names are served by {', '.join(services.gateway_nodes) or 'the gateway'}{at}"
    if services.dns:
        said += f"; DNS: {services.dns} on {', '.join(services.dns_nodes)}"
    return _plain(f"{said}.")


def _table(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *body = rows
    if not body:
        return
    yield from ("", f"## {title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head))
    for row in body:
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"


def _plain(text: str) -> str:
    r"""Text that Markdown leaves alone: ``a|b`` is no cell of its own, ``*`` no emphasis."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~&" else char for char in shown)
