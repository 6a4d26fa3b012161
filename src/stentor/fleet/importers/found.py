"""What an importer finds, and how it is settled so that it makes a fleet without faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stentor.fleet.build import bad_address
from stentor.fleet.importers.secret_keys import without_secrets
from stentor.fleet.schema import kinds
from stentor.fleet.select import LIVE_SETS

Read = Callable[[str], str]
"""From a path to its text; raises OSError or UnicodeDecodeError."""

List = Callable[[str], list[str]]
"""From a glob pattern to the files it matches, or the folders where it ends in a slash; sorted."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]")
NO_JUMP = "none"  # as ssh_config says it
_NAME = re.compile(rf"{kinds.WORD}\Z")


class Found:
    """Nodes and groups of another tool."""

    def __init__(self) -> None:
        # Name to fields, as in ``nodes.yaml`` (``address`` is a list).
        self.nodes: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, list[str]] = {}  # group name to names of nodes, and of groups with an ``@``
        self.left: list[str] = []  # what could not be carried over, each a line with its place
        # A configuration which goes on to be needed, for ``ssh: config:``; or None.
        self.ssh_config: str | None = None
        # Node to fields which are not carried over, as ssh goes on to decide them.
        self.decided: dict[str, dict[str, Any]] = {}
        # Node to what of its endpoint is in none of its fields: two that differ in it are two.
        self.further: dict[str, tuple[str, ...]] = {}
        self.by_system: set[str] = set()  # nodes whose names this machine itself resolves to their addresses

    def leave(self, place: str, what: str) -> None:
        """Note something that is not carried over; the same is told once."""
        line = f"{place}: {what}" if place else what
        if line not in self.left:
            self.left.append(line)


def is_node_name(name: str) -> bool:
    """Whether a node may be called so."""
    return bool(_NAME.match(name)) and len(name) <= 128 and name != "all"


def settle(found: Found) -> Found:
    """Return nodes and groups that can stand in a fleet file: names allowed, nothing twice, no circle."""
    settled = Found()
    settled.left = list(found.left)
    settled.ssh_config = found.ssh_config
    taken: set[str] = set()
    machines: dict[tuple[object, ...], str] = {}
    names: dict[str, str] = {}  # every name by which a group may call a node, to its alias
    for name, given in found.nodes.items():
        fields = dict(given)
        called = _without_user(settled, name, fields, taken | found.nodes.keys())
        alias = _node(settled, called, fields, taken, machines, found.further.get(name, ()))
        if alias:
            names |= {name: alias, fields.get("alias") or name: alias, alias: alias}
        if name in found.by_system:  # ssh looks for its host key by the name which is resolved
            settled.nodes.get(called, {}).pop("address", None)
    _groups(settled, found.groups, names, taken)
    return settled


def _node(
    settled: Found,
    name: str,
    fields: dict[str, Any],
    taken: set[str],
    machines: dict[tuple[object, ...], str],
    further: tuple[str, ...],
) -> str:
    """Settle one node, and return the alias under which it is now known; empty when it is left out."""
    if ":" in name and not bad_address(name):  # an IPv6 address: a name made of it, and itself as the address
        fields["address"] = fields.get("address") or [name]
        made = _NOT_IN_NAMES.sub("-", name).lstrip("-.") or "ip6"
        settled.leave(name, f"is called '{made}' here, with the address {fields['address'][0]}")
        name = made
    alias = fields.get("alias") or name
    if not _NAME.match(name) or len(name) > 128:
        settled.leave(name, "its name has characters which a node's name may not have")
        return ""
    if name == "all":
        settled.leave(name, "means every node, so no node may be called so")
        return ""
    if not _NAME.match(alias) or len(alias) > 128 or alias in taken or alias == "all":
        fields.pop("alias", None)
        alias = name
    if name in taken or alias in taken:
        settled.leave(name, "another node already has this name")
        return ""
    addresses = []
    for address in fields.get("address", []):
        reached = (address.lower(), fields.get("port", 22), fields.get("jump"), fields.get("user"))
        if reached in machines and (reached, further) not in machines:
            said = f"is left out; {machines[reached]} has it, and what tells them apart is not carried over"
            settled.leave(
                name, f"address {address} {said}: write both into ssh_config (Host {alias}, HostName)"
            )
            machines[reached, further] = alias
            continue
        if reached in machines:
            same = "with the same port, user and jump host"
            other = machines[reached, further]
            settled.leave(name, f"address {address} already belongs to {other}, {same}")
            if len(fields["address"]) == 1:
                return other  # the same machine by another name
            continue
        machines[reached] = machines[reached, further] = alias
        addresses.append(address)
    fields["address"] = addresses
    fields["vars"], secrets = without_secrets("", fields.get("vars") or {})
    for path in secrets:
        settled.leave(name, f"{path[1:]}: secrets do not belong into a fleet file")
    taken |= {name, alias}
    settled.nodes[name] = {key: value for key, value in fields.items() if value not in (None, [], {}, "")}
    return str(alias)


def _without_user(settled: Found, name: str, fields: dict[str, Any], taken: set[str]) -> str:
    """The name of ``me@host``, as clush and Ansible hand it to ssh, without the login name, which is a field.

    Several accounts of one host are several nodes.
    """
    user, _, host = name.rpartition("@")
    if not user or not is_node_name(host):
        return name
    field(settled, name, fields, "user", fields.get("user") or user, kinds.User)
    if host not in taken:
        return host
    fields["address"] = fields.get("address") or [host]
    made = _NOT_IN_NAMES.sub("-", name).lstrip("-.")
    settled.leave(name, f"is called '{made}' here, as {host} is there with another login name")
    return made


def _groups(
    settled: Found, groups: Mapping[str, list[str]], nodes: Mapping[str, str], taken: set[str]
) -> None:
    called = _group_names(settled, groups, taken)
    for name, members in groups.items():
        if name not in called:
            continue
        kept: list[str] = []
        missing: list[str] = []
        for member in members:
            if member.startswith("@"):
                inner = member[1:]
                if inner == "all":
                    kept.append("@all")
                elif inner not in called:
                    settled.leave(f"group {name}", f"{member} is no group that was carried over")
                elif _reaches(groups, inner, name):
                    settled.leave(f"group {name}", f"{member} goes round in a circle")
                else:
                    kept.append(f"@{called[inner]}")
            elif member in nodes:
                kept.append(nodes[member])
            else:
                missing.append(member)
        if missing:
            settled.leave(f"group {name}", _not_carried(missing))
        settled.groups[called[name]] = list(dict.fromkeys(kept))


def _not_carried(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is no node that was carried over"
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    shown = ", ".join(names[:2]) if more else " and ".join(names)
    return f"{shown}{more} are no nodes that were carried over"


def _group_names(settled: Found, groups: Mapping[str, list[str]], taken: set[str]) -> dict[str, str]:
    """What each group is called here: its own name, where no node and no meaning of ours has it."""
    called: dict[str, str] = {}
    used: set[str] = set()
    for name in groups:
        if name == "all":
            continue  # it is always there
        new = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:120] or "_"
        if not _NAME.match(new):
            new = "g" + new
        while new in taken or new in used or new == "all" or new in LIVE_SETS:
            new += "-nodes"
        if new != name:
            settled.leave(f"group {name}", f"is called '{new}' here")
        called[name] = new
        used.add(new)
    return called


def _reaches(groups: Mapping[str, list[str]], start: str, goal: str) -> bool:
    """Whether ``goal`` is ``start`` or somewhere in it."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += [member[1:] for member in groups.get(name, []) if member.startswith("@")]
    return False


def as_pattern(path: str) -> str:
    """A path as a glob pattern that matches it and nothing else."""
    return re.sub(r"([*?[])", r"[\1]", path)


def port_of(value: object) -> int | None:
    """A port, or None when it is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65535 else None


def field(found: Found, place: str, fields: dict[str, Any], name: str, value: str, kind: Any) -> None:
    """Set a field where the schema allows its value; else leave it, saying so."""
    import msgspec

    try:
        fields[name] = msgspec.convert(value.rstrip("\n"), kind)
    except msgspec.ValidationError:
        found.leave(place, f"{name} '{value}' is not possible in a fleet file")


def addresses_of(found: Found, place: str, *values: str) -> list[str]:
    """The values which are addresses."""
    good: list[str] = []
    for value in values:
        fields: dict[str, Any] = {}
        field(found, place, fields, "address", value, kinds.Address)
        if "address" in fields:
            wrong = bad_address(value)
            if wrong:
                found.leave(place, f"address '{value}' {wrong}")
            else:
                good.append(value)
    return good
