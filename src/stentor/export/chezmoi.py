"""The fleet as data for chezmoi's templates: a file for ``.chezmoidata``.

A node has the same names as in ``.stentor``, which ``stentor dotfiles`` gives to templates:
``{{ (index .fleet.nodes (index .fleet.names .chezmoi.hostname)).role }}``.
"""

from __future__ import annotations

from typing import Any

from stentor.export.view import Left, Made, View, unsaid
from stentor.export.yaml_text import pair, quoted
from stentor.fleet.model import Node

_SAID = tuple(field for field in Node._fields if field != "gateways")


def make(view: View) -> Made:
    """Return the data under the key ``fleet``: nodes by alias, aliases by name, members by group."""
    groups = view.groups_of()
    names = {name: node.alias for node in view.nodes for name in (node.name, node.alias)}
    lines = ["fleet:\n", "  names:\n", *(f"    {pair(name, alias)}\n" for name, alias in names.items())]
    lines.append(f"  {pair('groups', view.groups())}\n")
    lines.append("  nodes:\n")
    for node in view.nodes:
        lines.append(f"    {quoted(node.alias)}:\n")
        lines += [f"      {pair(key, data)}\n" for key, data in _node(node, groups[node.alias]).items()]
    left = [
        Left(node.alias, "vars", key, "has a number of more than 64 bits, which chezmoi takes for a text")
        for node in view.nodes
        for key, data in node.variables.items()
        if _is_too_large(data)
    ]
    return Made("".join(lines), [*left, *unsaid(view, *_SAID, "groups")])


def _is_too_large(data: Any) -> bool:
    if isinstance(data, int):
        return not -(2**63) <= data < 2**64
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return any(map(_is_too_large, inner))


def _node(node: Node, groups: list[str]) -> dict[str, Any]:
    return {
        "addresses": list(node.addresses),
        "alias": node.alias,
        "arch": node.arch or "",
        "groups": groups,
        "jump": node.jump or "",
        "mac": node.mac or "",
        "migrated": node.migrated,
        "name": node.name,
        "phase": node.phase,
        "port": node.port,
        "requires": list(node.requires),
        "role": node.role or "",
        "state": node.state,
        "user": node.user or "",
        "variables": dict(node.variables),
    }
