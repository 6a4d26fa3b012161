"""Which name has which address: nodes and web names, and how DNS servers are told so."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

from stentor.fleet.build import is_ip_address
from stentor.fleet.model import Node
from stentor.fleet.services import Services
from stentor.typed import NamedTuple


class Record(NamedTuple):
    """Names of one address."""

    names: tuple[str, ...]  # without a dot at the end; one may begin with ``*.``
    address: str  # an IP address

    @property
    def plain(self) -> tuple[str, ...]:
        """The names without wildcards."""
        return tuple(name for name in self.names if not name.startswith("*."))


class Unfit(NamedTuple):
    """Something that cannot be a record, or a record that no program asks for."""

    node: str  # the alias; empty for a web name
    field: str  # as in the fleet file: ``alias``, ``address`` or ``fqdn``
    what: str  # the name or the address
    why: str  # the reason, for people


def records(nodes: Sequence[Node], services: Services) -> tuple[list[Record], list[Unfit]]:
    """Return the records of nodes, then of web names, and what cannot be one."""
    unfit: list[Unfit] = []
    unfit_sites: list[Unfit] = []
    sites = [*_of_sites(services, unfit_sites)]
    web = {name: record.address for record in sites for name in record.names}
    return [*_of_nodes(nodes, web, unfit), *sites], unfit + unfit_sites


def _of_nodes(nodes: Sequence[Node], web: Mapping[str, str], unfit: list[Unfit]) -> Iterator[Record]:
    owners: dict[str, str] = {}
    for node in nodes:
        names = tuple(dict.fromkeys((node.alias, node.name)))
        bad = {name: why for name in names if (why := _why_not(name, node, owners, web))}
        unfit += [Unfit(node.alias, "alias", name, why) for name, why in bad.items()]
        good = tuple(name for name in names if name not in bad)
        why = "is read as an address in numbers"
        unfit += [Unfit(node.alias, "alias", name, why) for name in good if is_number(name)]
        for address in node.addresses:
            if good and _is_address(node, address, unfit):
                yield Record(good, address)
        if not node.addresses:
            unfit.append(Unfit(node.alias, "address", "", "the fleet file has none"))


def _why_not(name: str, node: Node, owners: dict[str, str], web: Mapping[str, str]) -> str:
    """Why a node's name is no record; empty where it is one.

    A name with the addresses of two machines leads to one of them at random.
    """
    if not is_name(name):
        return "is no name for DNS"
    if is_ip_address(name):
        return "is an address"
    owner = owners.setdefault(name.lower(), node.alias)
    if owner != node.alias:
        return f"leads to '{owner}', since DNS ignores case"
    leads = web.get(name.lower())
    if leads and leads not in node.addresses:
        return f"is a web name, too, and leads to {leads}"
    return ""


def _of_sites(services: Services, unfit: list[Unfit]) -> Iterator[Record]:
    for site in services.sites:
        address = site.address or services.gateway
        if is_ip_address(address):
            yield Record((site.fqdn,), address)
        else:
            why = "the gateway has no address: 'gateway: {ip: ...}' in services.yaml"
            unfit.append(Unfit("", "fqdn", site.fqdn, why))


def is_name(name: str) -> bool:
    """Whether DNS servers and resolvers take it: labels that do not begin or end with a dash."""
    labels = name.split(".")
    return all(label and len(label) < 64 and label[0] != "-" and label[-1] != "-" for label in labels)


_PART = re.compile("0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*", re.ASCII)


def is_number(name: str) -> bool:
    """Whether inet_aton(3) reads it: up to four parts, decimal, octal or hexadecimal."""
    parts = name.split(".")
    if len(parts) > 4 or not all(map(_PART.fullmatch, parts)):
        return False
    *first, last = (int(part, 8 if part[:1] == "0" and part.isdecimal() else 0) for part in parts)
    return all(one < 256 for one in first) and last < 256 ** (5 - len(parts))


def _is_address(node: Node, address: str, unfit: list[Unfit]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        unfit.append(Unfit(node.alias, "address", address, "is a name"))
        return False
    if getattr(parsed, "scope_id", None):
        unfit.append(Unfit(node.alias, "address", address, "has a scope"))
        return False
    return True


def dnsmasq(found: Sequence[Record]) -> str:
    """Return these records as lines for dnsmasq: a file for its ``conf-dir``.

    One line an address: of several addresses of one family on a line dnsmasq keeps the last. Each name is
    ``local``: dnsmasq would ask another server for the kinds of addresses that a name does not have. A name
    of digits alone ends with a dot, or it would be the time for which the record is valid.
    """
    known = dict.fromkeys(name.removeprefix("*.") for record in found for name in record.names)
    lines = [f"local=/{name}/\n" for name in known]
    for record in found:
        plain = [f"{name}." if name.isdecimal() else name for name in record.plain]
        lines += [f"host-record={','.join(plain)},{record.address}\n"] if plain else []
        lines += [f"address=/{n[2:]}/{record.address}\n" for n in record.names if n not in record.plain]
    return "".join(lines)


def hosts(found: Sequence[Record]) -> list[str]:
    """Return these records as rows of a hosts file, which is also what Pi-hole keeps; a wildcard has none."""
    return [f"{record.address} {' '.join(record.plain)}" for record in found if record.plain]
