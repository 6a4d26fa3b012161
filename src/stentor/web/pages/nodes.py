"""The page of all nodes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from stentor import journal
from stentor.errors import SelectorError, UsageError
from stentor.fleet.model import Node
from stentor.probe.columns import Field, span
from stentor.probe.status import warnings
from stentor.render.style import KIND_STYLES, printable
from stentor.render.top.rows import cells
from stentor.web.access import Call, viewer
from stentor.web.actions import on_nodes
from stentor.web.hub import Patches
from stentor.web.pages.actions import LOOKS
from stentor.web.service import Service
from stentor.web.watch import NODES, Seen

REVISION = 10  # characters of a revision


class Row(NamedTuple):
    """A node in the table."""

    node: Node  # as the fleet says
    level: Field  # how far it is reached
    load: Field  # for each core
    memory: Field  # how much is used
    disk: Field  # how full the fuller one is
    gpu: Field  # how busy
    dotfiles: Field  # the revision that it holds, and what it missed
    last: Field  # what was done last
    notes: tuple[str, ...]  # what numbers cannot say


def row(node: Node, seen: Seen, dotfiles: Field, now: float) -> Row:
    """Return how a node looks.

    Args:
        seen: when it was seen last.
        dotfiles: the revision that it holds.
        now: seconds since 1970.
    """
    _, level, load, memory, disk, gpu, last = cells(node, seen.status, seen.last, now)
    notes = tuple(warnings(seen.status)) if seen.status is not None else ()
    if seen.status is not None and not seen.status.outcome.ok:
        notes = (printable(seen.status.outcome.reason),)
    ping = seen.ping
    if ping is not None and seen.pinged > seen.asked:
        kind = ping.outcome.kind
        style = "good" if kind == "ok" else KIND_STYLES.get(kind, "bad")
        level = Field(ping.state, style)
        notes = notes if kind == "ok" else (printable(ping.detail),)
    elif seen.status is None:
        level = Field("not seen yet", "quiet")
    if level.text == "skipped":
        level = Field("down", "quiet")
    if node.state != "up" and not any(node.state in note for note in notes):
        notes = (f"expected {node.state}", *notes)
    return Row(node, level, load, memory, disk, gpu, dotfiles, last, notes)


def dotfiles_of(service: Service) -> dict[str, Field]:
    """Return for each node what the journal remembers of its dotfiles."""
    root = service.fleet().data.root
    book = journal.read(service.environ)
    try:
        held, missed = book.recall(root, "dotfiles"), book.recall(root, journal.MISSED)
    finally:
        book.close()
    found = {alias: Field(_revision(data)) for alias, (_, data) in held.items()}
    found |= {
        alias: Field(f"missed {_revision(data)}", "warning")
        for alias, (_, data) in missed.items()
        if _revision(data)
    }
    return found


def _revision(data: Mapping[str, Any]) -> str:
    return str(data.get("rev", ""))[:REVISION]


def rows_of(service: Service, nodes: tuple[Node, ...]) -> list[Row]:
    """Return how these nodes look now."""
    seen, dotfiles, now = service.watch.seen(), dotfiles_of(service), time.time()
    return [
        row(node, seen.get(node.alias, Seen()), dotfiles.get(node.alias, Field("")), now) for node in nodes
    ]


def counts(rows: list[Row]) -> dict[str, int]:
    """Return how many are up, in trouble, expected to be down, and not seen yet."""
    found = {"up": 0, "in trouble": 0, "expected down": 0, "not seen yet": 0}
    for one in rows:
        if one.level.text == "up":
            found["up"] += 1
        elif one.node.expected_down:
            found["expected down"] += 1
        else:
            found["not seen yet" if one.level.text == "not seen yet" else "in trouble"] += 1
    return {word: count for word, count in found.items() if count}


def routes(service: Service) -> list[Route]:
    """Return the routes, and say how the page is kept up to date."""
    pages = service.templates
    filled: dict[str, tuple[Row, str]] = {}  # by alias; most rows are what they were a moment ago

    def html(one: Row) -> str:
        known = filled.get(one.node.alias)
        if known is None or known[0] != one:
            known = filled[one.node.alias] = one, pages.fill("node_row.html", row=one)
        return known[1]

    def patches(_: str) -> Patches:
        fleet = service.fleet()
        for alias in filled.keys() - fleet.data.nodes.keys():
            filled.pop(alias, None)
        rows = rows_of(service, fleet.nodes("@all"))
        made = {f"node-{one.node.alias}": html(one) for one in rows}
        made["counts"] = pages.fill("counts.html", counts=counts(rows), looked=_looked(service))
        return made

    def show(call: Call) -> Response:
        fleet = service.fleet()
        words, problem = call.query.get("q").strip(), None
        try:
            nodes = fleet.nodes(words or "@all")
        except (SelectorError, UsageError) as error:
            nodes, problem = (), error
        service.watch.look_soon()
        service.watch.read_journal()
        rows = rows_of(service, nodes)
        return pages.render(
            call.request,
            "nodes.html",
            call.caller,
            code=400 if problem else 200,
            rows=rows,
            html=html,
            counts=counts(rows),
            looked=_looked(service),
            words=words,
            problem=problem,
            groups=fleet.groups,
            actions=on_nodes(),
            looks=LOOKS,
        )

    service.rendered.add(NODES, patches)
    return [viewer("/", show)]


def _looked(service: Service) -> str:
    at = max((one.asked for one in service.watch.seen().values()), default=0.0)
    return f"asked {span(max(0.0, time.time() - at), 1)} ago" if at else "not asked yet"
