"""``/etc/hosts`` (hosts(5)): an address, a name, and further names a line."""

from __future__ import annotations

import ipaddress

from stentor.fleet.importers.found import Found, Read, addresses_of, is_node_name
from stentor.fleet.loopback import is_loopback

NEVER_NODES = ("localhost", "ip6-", "broadcasthost")


def read_hosts(path: str, read: Read, *, system: str = "") -> Found:
    """Read a hosts file.

    The first name is the node's full name and the shortest one its alias; lines with the same first
    name are further addresses of the same node. Where this machine's own file leads an alias to just these
    addresses, they stay there: ssh keeps a host's key under the name by which it is called.

    Args:
        read: from a path to its text.
        system: this machine's own file.
    """
    found = Found()
    blocked = 0
    own: list[str] = []
    for number, line in enumerate(read(path).split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        place = f"{path}:{number}"
        address, *names = words
        if not names:
            found.leave(place, f"{address} has no name")
            continue
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            found.leave(place, f"'{address}' is no IP address")
            continue
        if parsed.is_unspecified:
            blocked += 1
        elif parsed.is_multicast or all(name.lower().startswith(NEVER_NODES) for name in names):
            own += names
        elif is_loopback(address):
            found.leave(place, f"{names[0]} is this machine's own loopback")
        else:
            _add(found, place, address, names)
    if own:
        found.leave(path, f"names of the machine itself: {', '.join(dict.fromkeys(own))}")
    if blocked:
        found.leave(path, f"{blocked} lines with 0.0.0.0 or ::, which block names")
    _stay(found, read, system)
    return found


def _stay(found: Found, read: Read, system: str) -> None:
    try:
        lines = read(system).split("\n") if system else []
    except (OSError, UnicodeDecodeError):
        return
    resolved: dict[str, list[str]] = {}
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            resolved.setdefault(name, []).append(address)
    for name, fields in found.nodes.items():
        if resolved.get(fields["alias"] or name) == fields["address"] != []:
            found.by_system.add(name)
    if found.by_system:
        found.leave(system, "addresses stay there, where ssh finds them by the names of its host keys")


def _add(found: Found, place: str, address: str, names: list[str]) -> None:
    good = [one for one in names if is_node_name(one)] or names
    name, alias = good[0], min(good, key=len)
    further = [one for one in dict.fromkeys(names) if one not in (name, alias)]
    if further:
        found.leave(place, f"{name} has further names: {', '.join(further)}")
    fields = found.nodes.setdefault(name, {"alias": alias if alias != name else None, "address": []})
    fields["address"] += [one for one in addresses_of(found, place, address) if one not in fields["address"]]
