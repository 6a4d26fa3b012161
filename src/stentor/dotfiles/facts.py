"""What templates may know of a node: what the fleet file says, and what it told of itself. Pure.

Both are the controller's, so that a node is rendered alike wherever that happens, be it up or down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stentor.fleet.model import Fleet, Node

Known = Mapping[str, Mapping[str, Any]]
"""What ``stentor facts`` last found out of each node, by alias."""


def facts(fleet: Fleet, node: Node, known: Known | None = None) -> dict[str, Any]:
    """Return the data of one node, under the key ``stentor`` as templates see it.

    ``{{ .stentor.alias }}``, ``{{ if has "gpu" .stentor.groups }}``, ``{{ .stentor.variables.colour }}``,
    ``{{ get .stentor.facts "os" }}``: empty until ``stentor facts`` has been there.

    Args:
        fleet: where the node is from.
        node: the node.
        known: what the nodes told of themselves.
    """
    groups = [name for name, members in fleet.groups.items() if node.alias in members]
    return {
        "stentor": {
            "alias": node.alias,
            "arch": node.arch or "",
            "facts": {
                key: value for key, value in (known or {}).get(node.alias, {}).items() if key != "complete"
            },
            "groups": groups,
            "name": node.name,
            "phase": node.phase,
            "requires": list(node.requires),
            "role": node.role or "",
            "state": node.state,
            "variables": dict(node.variables),
        }
    }


def facts_json(fleet: Fleet, node: Node, known: Known | None = None) -> str:
    """Return the data on one line, as chezmoi reads it."""
    return json.dumps(facts(fleet, node, known), ensure_ascii=True, sort_keys=True, default=str)


# What a fleet file calls an architecture, and what Go (so chezmoi) calls it.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armhf": "arm", "i686": "386"}


def assumed_json(fleet: Fleet, node: Node, known: Known | None = None) -> str:
    """Return the data by which a node that is down is rendered elsewhere.

    Besides the facts, chezmoi's own idea of the machine (host name, architecture, user) is put in
    its place, as far as the fleet says it.
    """
    machine: dict[str, Any] = {"hostname": node.name, "fqdnHostname": node.name}
    if node.arch:
        machine["arch"] = _ARCHITECTURES.get(node.arch, node.arch)
    if node.user:
        machine["username"] = node.user
    return json.dumps({**facts(fleet, node, known), "chezmoi": machine}, sort_keys=True, default=str)
