"""The data of a node for its templates: what the fleet file says, and the node's own facts.

Both are kept on the controller, so that a node that is down is rendered as on the node itself.
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
    ``{{ get .stentor.facts "os" }}``: empty until ``stentor facts`` was run.
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

    chezmoi's own data of the machine (host name, architecture, user) are replaced where the fleet has them.
    """
    machine: dict[str, Any] = {"hostname": node.name, "fqdnHostname": node.name}
    if node.arch:
        machine["arch"] = _ARCHITECTURES.get(node.arch, node.arch)
    if node.user:
        machine["username"] = node.user
    return json.dumps({**facts(fleet, node, known), "chezmoi": machine}, sort_keys=True, default=str)
