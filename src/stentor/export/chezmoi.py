"""The fleet as data for chezmoi's templates: a file for ``.chezmoidata``.

A node has the same names as in ``.stentor``, which ``stentor dotfiles`` gives to templates:
``{{ (index .fleet.nodes (index .fleet.names .chezmoi.hostname)).role }}``.
"""

from __future__ import annotations

from typing import Any

from stentor.export.view import Made, View, unsaid
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
    return Made("".join(lines), list(unsaid(view, *_SAID, "groups")))


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
