"""The page of one node: what the fleet says of it, what it told of itself, what was done there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from stentor.api.history import past_operations
from stentor.fleet.model import Node
from stentor.hooks.history import History
from stentor.journal.query import Filter
from stentor.probe.columns import size, span
from stentor.render.facts import fact_lines
from stentor.web.access import Call, viewer
from stentor.web.actions import on_nodes
from stentor.web.charts import chart
from stentor.web.hub import Patches
from stentor.web.pages.actions import LOOKS
from stentor.web.pages.doctor import chart_of
from stentor.web.pages.nodes import rows_of
from stentor.web.pages.operations import line
from stentor.web.service import Service
from stentor.web.watch import Seen

_OPERATIONS = 15


def said(node: Node, groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return what the fleet's files say of a node, for people."""
    member = [f"@{name}" for name, nodes in groups.items() if node.alias in nodes and name != "all"]
    found = {
        "name": node.name if node.name != node.alias else "",
        "address": ", ".join(node.addresses),
        "user": node.user,
        "port": node.port,
        "jump": node.jump,
        "gateway": ", ".join(node.gateways),
        "role": node.role,
        "arch": node.arch,
        "groups": " ".join(member),
        "mac": node.mac,
        "phase": f"{node.phase}{', migrated' if node.migrated else ''}" if node.phase is not None else "",
        "expected": node.state,
        "requires": " ".join(node.requires),
        **{f"vars.{name}": value for name, value in node.variables.items()},
    }
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def now(seen: Seen) -> dict[str, str]:
    """Return how a node fares, for people; empty where it was not asked, or did not answer."""
    facts = seen.status.facts if seen.status is not None else None
    if facts is None:
        return {}
    shown = {
        "system": facts.os,
        "kernel": facts.kernel,
        "up for": span(facts.uptime) if facts.uptime is not None else None,
        "load": f"{facts.load:.2f} on {facts.cores} cores" if facts.load is not None else None,
        "memory": f"{size(facts.memory_used)} of {size(facts.memory_total)}"
        if facts.memory_used is not None and facts.memory_total
        else None,
        **{
            f"disk {disk.mount}": f"{size(disk.used)} of {size(disk.total)}, {disk.percent}%"
            for disk in dict.fromkeys((facts.root, facts.home))
            if disk is not None
        },
        "logged in": ", ".join(facts.users) if facts.users else None,
        "tmux sessions": str(facts.tmux) if facts.tmux else None,
        "asked": f"{span(max(0.0, time.time() - seen.asked), 1)} ago",
    }
    return {name: value for name, value in shown.items() if value}


def routes(service: Service, history: Callable[[str], History]) -> list[Route]:
    """Return the routes, and say how the page is kept up to date.

    Args:
        history: returns the pings of a node, by its alias.
    """
    pages = service.templates

    def look_up(alias: str) -> Node:
        node = service.fleet().data.nodes.get(alias)
        if node is None:
            raise HTTPException(404, f"there is no node '{alias[:60]}' in the fleet")
        return node

    def parts(node: Node) -> dict[str, Any]:
        wanted = Filter(fleet=service.fleet().data.root, nodes=(node.alias,))
        return {
            "row": rows_of(service, (node,))[0],
            "now": now(service.watch.seen().get(node.alias, Seen())),
            "lines": [line(one) for one in past_operations(service.environ, wanted, _OPERATIONS)],
        }

    def patches(alias: str) -> Patches:
        made = parts(look_up(alias))
        return {
            "node-now": pages.fill("node_now.html", **made),
            "node-operations": pages.fill("node_operations.html", **made),
        }

    def show(call: Call) -> Response:
        fleet, node = service.fleet(), look_up(call.path["node"])
        service.watch.look_soon()
        pinged = history(node.alias)
        at, facts = fleet.dated_facts().get(node.alias, (0.0, {}))
        return pages.render(
            call.request,
            "node.html",
            call.caller,
            node=node,
            said=said(node, fleet.data.groups),
            facts={key: ", ".join(lines) for key, lines in fact_lines(facts).items()},
            facts_at=at,
            chart=chart_of(service, node.alias),
            actions=[one for one in on_nodes() if node.mac or one.name != "wake"],
            looks=LOOKS,
            history=pinged,
            drawn=chart(pinged.hours, time.time()),
            **parts(node),
        )

    service.rendered.add("node", patches)
    return [viewer("/nodes/{node}", show)]
