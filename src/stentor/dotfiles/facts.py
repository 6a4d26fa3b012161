"""What templates may know of a node: the fleet's own facts, the same wherever they are rendered. Pure."""

from __future__ import annotations

import json
from typing import Any

from stentor.fleet.model import Fleet, Node


def facts(fleet: Fleet, node: Node) -> dict[str, Any]:
    """Return the data of one node, under the key ``stentor`` as templates see it.

    ``{{ .stentor.alias }}``, ``{{ if has "gpu" .stentor.groups }}``, ``{{ .stentor.variables.colour }}``.
    """
    groups = [name for name, members in fleet.groups.items() if node.alias in members]
    return {
        "stentor": {
            "alias": node.alias,
            "arch": node.arch or "",
            "groups": groups,
            "name": node.name,
            "phase": node.phase,
            "requires": list(node.requires),
            "role": node.role or "",
            "state": node.state,
            "variables": dict(node.variables),
        }
    }


def facts_json(fleet: Fleet, node: Node) -> str:
    """Return the data on one line, as chezmoi reads it."""
    return json.dumps(facts(fleet, node), ensure_ascii=True, sort_keys=True, default=str)


# What a fleet file calls an architecture, and what Go (so chezmoi) calls it.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armhf": "arm", "i686": "386"}


def assumed_json(fleet: Fleet, node: Node) -> str:
    """Return the data by which a node that is down is rendered elsewhere.

    Besides the facts, chezmoi's own idea of the machine (host name, architecture, user) is put in
    its place, as far as the fleet says it.
    """
    machine: dict[str, Any] = {"hostname": node.name, "fqdnHostname": node.name}
    if node.arch:
        machine["arch"] = _ARCHITECTURES.get(node.arch, node.arch)
    if node.user:
        machine["username"] = node.user
    return json.dumps({**facts(fleet, node), "chezmoi": machine}, sort_keys=True, default=str)
