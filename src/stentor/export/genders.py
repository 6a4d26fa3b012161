"""The fleet as a genders file (libgenders), for nodeattr and ``pdsh -g``.

A line for each node: its groups as attributes, what else is said of it as attributes with values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stentor.export.view import KEYS, Left, Made, View, unsaid
from stentor.fleet.model import Node, written

# Fields that hold several values have them with a semicolon between, since a comma ends an attribute.
BETWEEN = ";"
FIELDS = tuple(field for field in KEYS if field not in ("variables", "gateways"))
_LONGEST = 4000  # a line may have 64 KB
_NOT_IN_KEY = frozenset(" ,=#%&|~()")


def make(view: View) -> Made:
    """Return the file."""
    groups = view.groups_of()
    left = [*_left_of_groups(view), *unsaid(view, *FIELDS, "variables", "groups")]
    lost = {one.what for one in left if one.field == "groups"}
    lines: list[str] = []
    machines: dict[tuple[Any, ...], str] = {}
    for node in view.nodes:
        if "." in node.alias:
            left.append(Left(node.alias, "alias", node.alias, "has a dot, and genders has short names only"))
            continue
        before = len(left)
        attributes = ["all", *(name for name in groups[node.alias] if name not in lost)]
        attributes += _values(node, {*view.fleet.groups, "all", *KEYS.values()}, left)
        lines.append(f"{node.alias} {','.join(attributes)}\n")
        left += _shared(node, {one.field for one in left[before:]}, machines)
    return Made("".join(lines), left)


def _left_of_groups(view: View) -> Iterator[Left]:
    for name in view.groups():
        if name in KEYS.values():
            yield Left("", "groups", name, "is the name of an attribute")
        elif "--" in name:
            yield Left("", "groups", name, "has '--', which is an operator of pdsh -g")


def _values(node: Node, taken: set[str], left: list[Left]) -> Iterator[str]:
    for field in FIELDS:
        data = getattr(node, field)
        if data != (node.alias if field == "name" else Node._field_defaults[field]):
            yield from _attribute(node, KEYS[field], KEYS[field], data, left)
    for key, data in node.variables.items():
        if key in taken:
            left.append(Left(node.alias, "vars", key, "is the name of a group or of another attribute"))
        elif not key or not key.isprintable() or _NOT_IN_KEY & set(key) or "--" in key:
            left.append(Left(node.alias, "vars", key, "is no name of an attribute"))
        else:
            yield from _attribute(node, "vars", key, data, left)


def _shared(node: Node, unwritten: set[str], machines: dict[tuple[Any, ...], str]) -> Iterator[Left]:
    """Find addresses that another node has as well, where what tells the two apart is not written."""
    way = [None if KEYS[field] in unwritten else getattr(node, field) for field in ("port", "jump", "user")]
    for address in () if "address" in unwritten else node.addresses:
        owner = machines.setdefault((address.lower(), *way), node.alias)
        if owner != node.alias:
            why = f"is that of '{owner}' as well, and 'init --from genders' gives it to one node"
            yield Left(node.alias, "address", address, why)


def _attribute(node: Node, field: str, key: str, data: Any, left: list[Left]) -> Iterator[str]:
    why = ""
    if isinstance(data, tuple):
        data = BETWEEN.join(data)
    if isinstance(data, (dict, list)) or data is None:
        why = "is no text or number"
    elif field == "vars" and not isinstance(data, str):
        left.append(Left(node.alias, field, key, "becomes a text"))
    text = written(data)
    if not why and (
        not text or len(text) > _LONGEST or not text.isprintable() or {" ", ",", "#"} & set(text)
    ):
        why = "is empty, very long, or has white space, a comma or a '#'"
    if why:
        left.append(Left(node.alias, field, key, why))
    else:
        yield f"{key}={text.replace('%', '%%')}"  # %n is the node's name
