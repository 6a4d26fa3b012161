"""Several sources as one: what an earlier one says stays, a later one adds, and conflicts are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stentor.fleet.build import is_ip_address
from stentor.fleet.importers.found import NO_JUMP, Found

_DEFAULT_PORT = 22


def merge(sources: Sequence[tuple[str, Found]]) -> Found:
    """Merge what was found.

    Two nodes are one if a name of the one is a name of the other, or if both have the same address, port and
    way and neither says another login name.

    Args:
        sources: each with the words by which its user knows it; the first decides.
    """
    if len(sources) == 1:
        return sources[0][1]
    merged = _Merged()
    for label, found in sources:
        merged.add(label, found)
    return merged.done()


class _Merged:
    def __init__(self) -> None:
        self.found = Found()
        self._said: dict[
            str, dict[str, Any]
        ] = {}  # node to all its fields, also those which ssh_config decides
        self._labels: dict[tuple[str, str], str] = {}  # node and field to the source that gave it
        self._names: dict[str, str] = {}  # each name and alias to its node
        self._new: set[str] = set()  # nodes of the source which is being added
        self._reached: dict[object, list[str]] = {}  # each end of a login to the names of its nodes
        self._members: dict[str, str] = {}  # group to the source that named it first

    def add(self, label: str, found: Found) -> None:
        self.found.left += [line for line in found.left if line not in self.found.left]
        if found.ssh_config and self.found.ssh_config not in (None, found.ssh_config):
            self.found.leave(label, f"a fleet has one ssh_config; {self.found.ssh_config} is kept")
        else:
            self.found.ssh_config = self.found.ssh_config or found.ssh_config
        self._new = set()
        called = {name: self._node(label, name, fields, found) for name, fields in found.nodes.items()}
        for name, fields in found.nodes.items():
            called.setdefault(fields.get("alias") or name, called[name])
        for group, members in found.groups.items():
            self._group(label, group, [called.get(member, member) for member in members])

    def done(self) -> Found:
        """What all of them say, groups by the names that nodes have now."""
        for members in self.found.groups.values():
            members[:] = [self._names.get(member, member) for member in members]
        return self.found

    def _node(self, label: str, name: str, fields: Mapping[str, Any], found: Found) -> str:
        """Add a node, or what it adds to one that is there; its name now."""
        said = {**found.decided.get(name, {}), **fields}
        ends = _ends(name, said, found.further.get(name, ()))
        same = self._same(name, said, ends)
        if same is None:
            self._new.add(name)
            self.found.nodes[name] = dict(fields)
            self._said[name] = said
            self._labels |= {(name, field): label for field in (*said.get("vars", ()), *said)}
            if name in found.by_system:
                self.found.by_system.add(name)
            if name in found.further:
                self.found.further[name] = found.further[name]
            for end in ends:
                self._reached.setdefault(end, []).append(name)
        else:
            name = self._fill(label, same, name, said, found)
        for one in (name, fields.get("alias"), self.found.nodes[name].get("alias")):
            if one:
                self._names.setdefault(one, name)
        return name

    def _same(self, name: str, said: Mapping[str, Any], ends: Sequence[object]) -> str | None:
        """The node of an earlier source which this one is; two nodes of one source are two."""
        for one in (name, said.get("alias")):
            if one and self._names.get(one, one) not in self._new and one in self._names:
                return self._names[one]
        for end in ends:
            for one in self._reached.get(end, ()):
                other = self._names[one]
                if (
                    other not in self._new
                    and len({said.get("user"), self._said[other].get("user")} - {None}) < 2
                ):
                    return other
        return None

    def _fill(self, label: str, kept: str, name: str, said: Mapping[str, Any], found: Found) -> str:
        node, known = self.found.nodes[kept], self._said[kept]
        for field, value in said.items():
            if field == "vars":
                self._variables(label, kept, value)
            elif field == "alias" or value in (None, [], ""):
                continue
            elif known.get(field) in (None, [], ""):
                known[field] = value
                if field in found.nodes[name]:
                    node[field] = value
                self._labels[kept, field] = label
            elif known[field] != value:
                self._conflict(label, kept, field, value, known[field])
        return self._rename(kept, name, said)

    def _variables(self, label: str, kept: str, variables: Mapping[str, Any]) -> None:
        known = self.found.nodes[kept].setdefault("vars", {})
        for key, value in variables.items():
            if known.setdefault(key, value) != value:
                self._conflict(label, kept, key, value, known[key])
            self._labels.setdefault((kept, key), label)

    def _conflict(self, label: str, node: str, field: str, value: Any, kept: Any) -> None:
        first = self._labels.get((node, field), "the first")
        self.found.leave(node, f"{field} {_shown(value)} of {label}; {_shown(kept)} of {first} is kept")

    def _rename(self, kept: str, name: str, said: Mapping[str, Any]) -> str:
        """Take the longer name of a node for its full name; the first source's goes on to be typed."""
        node = self.found.nodes[kept]
        if node.get("alias") or name == kept:
            return kept
        if is_ip_address(name):
            return kept
        if is_ip_address(kept) or said.get("alias") == kept or len(name) > len(kept):
            if is_ip_address(kept):  # nobody types an address where there is a name
                node.setdefault("address", [kept])
            else:
                node["alias"] = kept
            self.found.nodes = {
                name if one == kept else one: fields for one, fields in self.found.nodes.items()
            }
            self._said[name] = self._said.pop(kept)
            self._labels |= {
                (name, field): label for (one, field), label in self._labels.items() if one == kept
            }
            self._names = {one: name if held == kept else held for one, held in self._names.items()}
            if kept in self.found.by_system:
                self.found.by_system.add(name)
            if kept in self.found.further:
                self.found.further[name] = self.found.further[kept]
            return name
        return kept

    def _group(self, label: str, group: str, members: list[str]) -> None:
        there = self.found.groups.get(group)
        if there is None:
            self.found.groups[group] = members
            self._members[group] = label
            return
        now = {self._names.get(member, member) for member in there}
        further = [member for member in members if member not in now]
        if further:
            shown = ", ".join(further[:3]) + (f" and {len(further) - 3} more" if len(further) > 3 else "")
            self.found.leave(f"group {group}", f"{label} adds {shown} to that of {self._members[group]}")
            there += further


def _ends(name: str, said: Mapping[str, Any], further: tuple[str, ...]) -> list[object]:
    """Where a login may end: each address with the port and the way."""
    port, way = said.get("port") or _DEFAULT_PORT, said.get("jump") or NO_JUMP
    return [(address.lower(), port, way, further) for address in said.get("address") or [name]]


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
