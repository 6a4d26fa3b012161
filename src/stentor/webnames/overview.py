"""What runs where, and by which web name it answers: tables for people, from the fleet file alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from stentor.fleet.service_rules import EVERYWHERE
from stentor.fleet.services import Services

_KINDS = {"https_backend": "https", "sse": "server-sent events", "standard": ""}


def service_rows(services: Services, nodes: Collection[str] | None = None) -> list[list[str]]:
    """Return a row for each service, titles first: what it is, where it runs and listens, its web names.

    Args:
        nodes: only services on these; None for all.
    """
    rows = [["service", "kind", "nodes", "expected", "listens on", "web names", "needs"]]
    names: dict[str, list[str]] = {}
    for site in services.sites:
        names.setdefault(site.service, []).append(site.fqdn)
    for service in services.services.values():
        there = [alias for alias in service.nodes if nodes is None or alias in nodes]
        if service.nodes and not there:
            continue
        bind = f"[{service.bind}]" if ":" in service.bind else service.bind
        host = "" if service.bind in EVERYWHERE else f"{bind}:"
        listens = ", ".join(f"{host}{port}" for port in service.ports)
        cells = [service.name, service.kind, ", ".join(there), service.state, listens]
        rows.append([*cells, ", ".join(names.get(service.name, ())), ", ".join(service.needs)])
    return rows


def name_rows(services: Services) -> list[list[str]]:
    """Return a row for each web name, titles first: where it leads, of which service, its address."""
    rows = [["web name", "leads to", "service", "address", "kind"]]
    for site in services.sites:
        address = site.address or services.gateway
        rows.append(
            [site.fqdn, site.to or site.backend, site.service, address, _KINDS.get(site.kind, site.kind)]
        )
    return rows


def node_rows(services: Services) -> list[list[str]]:
    """Return a row for each node that has services, titles first."""
    rows = [["node", "services", "ports"]]
    held: dict[str, list[str]] = {}
    ports: dict[str, list[int]] = {}
    for service in services.services.values():
        for alias in service.nodes:
            held.setdefault(alias, []).append(service.name)
            ports.setdefault(alias, []).extend(service.ports)
    for alias, found in held.items():
        rows.append([alias, ", ".join(found), ", ".join(str(port) for port in sorted(set(ports[alias])))])
    return rows


def markdown_table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown (as GitHub has it), titles first; nothing without other rows."""
    head, *body = rows
    if body:
        yield from ("", f"| {' | '.join(head)} |", "|" + "---|" * len(head))
    for row in body:
        yield f"| {' | '.join(map(markdown_text, row))} |"


def markdown_text(text: str) -> str:
    r"""Return text that Markdown leaves alone: ``a|b`` is no cell of its own, ``<b>`` no tag."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~&" else char for char in shown)
