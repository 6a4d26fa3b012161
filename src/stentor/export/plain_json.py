"""The fleet as JSON: all that the fleet file says of nodes and groups, and the last known facts."""

from __future__ import annotations

import json
from typing import Any

from stentor.export.ansible import time_of
from stentor.export.view import KEYS, Made, View, unsaid
from stentor.fleet.model import Node


def make(view: View) -> Made:
    """Return one JSON document, a node a line."""
    groups = view.groups_of()
    nodes = [json.dumps(_node(view, node, groups[node.alias])) for node in view.nodes]
    named = [f"{json.dumps(name)}: {json.dumps(members)}" for name, members in view.groups().items()]
    text = (
        '{"made_by": "stentor export json",\n'
        f'"nodes": [\n{_lines(nodes)}],\n'
        f'"groups": {{\n{_lines(named)}}}}}\n'
    )
    return Made(text, list(unsaid(view, *Node._fields, "groups")))


def _lines(rows: list[str]) -> str:
    return ",\n".join(rows) + "\n" if rows else ""


def _node(view: View, node: Node, groups: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"node": node.alias}
    for field, key in KEYS.items():
        data = getattr(node, field)
        found[key] = list(data) if isinstance(data, tuple) else data
    found["groups"] = groups
    if known := view.known.get(node.alias):
        found["facts"] = {"as_of": time_of(known.at), **known.facts}
    return found
