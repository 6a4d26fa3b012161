"""The fleet as lines of a hosts file (hosts(5)): an address, the full name, the alias."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from stentor.export.view import Left, Made, View, unsaid
from stentor.fleet.loopback import is_loopback
from stentor.fleet.model import Node
from stentor.webnames.records import is_number


def make(view: View) -> Made:
    """Return the lines: one for each address of each node."""
    left: list[Left] = []
    lines: list[str] = []
    owners: dict[str, str] = {}
    for node in view.nodes:
        # The first name is the one to which an address is resolved; the shortest one is read back as alias.
        both = node.name != node.alias and len(node.alias) < len(node.name)
        names = f"{node.name} {node.alias}" if both else node.alias
        if node.name != node.alias and not both:
            left.append(Left(node.alias, "name", node.name, "is longer than the full name"))
        lines += [f"{address}\t{names}\n" for address in _addresses(node, owners, left)]
    left += _misread(view)
    left += unsaid(view, "name", "addresses")
    return Made("".join(lines), left)


def _misread(view: View) -> Iterator[Left]:
    """Names that the C library takes for something else, whatever stands in the file."""
    seen: dict[str, str] = {}
    for node in view.nodes:
        for name in dict.fromkeys((node.alias, node.name)):
            owner = seen.setdefault(name.lower(), node.alias)
            if is_number(name):
                yield Left(node.alias, "name", name, "is read as an address in numbers")
            elif owner != node.alias:
                yield Left(node.alias, "name", name, f"leads to '{owner}' as well, since case is ignored")


def _addresses(node: Node, owners: dict[str, str], left: list[Left]) -> Iterator[str]:
    if not node.addresses:
        left.append(Left(node.alias, "address", "", "the fleet file has none, so there is no line"))
    for address in node.addresses:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            left.append(Left(node.alias, "address", address, "is a name, and a hosts file has addresses"))
            continue
        if getattr(parsed, "scope_id", None):
            left.append(Left(node.alias, "address", address, "has a scope, which a hosts file cannot have"))
            continue
        if is_loopback(address):
            left.append(Left(node.alias, "address", address, "'init --from hosts' does not read loopback"))
        owner = owners.setdefault(parsed.compressed, node.alias)
        if owner != node.alias:
            why = f"is that of '{owner}' as well, and 'init --from hosts' gives it to one node"
            left.append(Left(node.alias, "address", address, why))
        yield address
