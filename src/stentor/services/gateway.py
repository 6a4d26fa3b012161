"""The gateway and the server of DNS as items: web names where Caddy, and names where DNS, reads them."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services
from stentor.services.item import Effect, Item, NodeFile
from stentor.sh import assign
from stentor.sh.quoting import quote, quoted
from stentor.webnames.caddyfile import sites
from stentor.webnames.records import Record, dnsmasq, hosts, records

FILE = "stentor.caddy"
"""The fleet's file, beside the Caddyfile."""

_CADDY_FIRST = "# Made by stentor from {file}; what is changed here is lost at the next deploy.\n"


def gateway_items(services: Services, node: Node, fleet: Fleet) -> Sequence[Item]:  # noqa: ARG001 - as dns_items
    """Return what is to hold on a node as the gateway: nothing where it is none or has no web names."""
    if node.alias not in services.gateway_nodes or not services.sites:
        return ()
    main = services.caddyfile
    path = f"{main.rpartition('/')[0]}/{FILE}"
    file = services.file.rpartition("/")[2]
    text = _CADDY_FIRST.format(file=file) + sites(services.sites)
    return (
        Item(
            "gateway",
            "gateway",
            (NodeFile(path, text.encode()),),
            effects=(Effect(frozenset({path}), "reload caddy"),),
            require=quoted(("gateway_require", main, path)),
            keep=quoted(("gateway_keep", main, path)),
            apply=quoted(("gateway_apply", main)),
            current=quoted(("gateway_current", main)),
            prove=quoted(("gateway_prove", main)),
            undo=quoted(("gateway_undo", main, path)),
        ),
    )


DNSMASQ, HOSTS = "/etc/dnsmasq.d/stentor.conf", "/etc/hosts"
"""What is written where the fleet file names no ``dns_file``."""

BEGIN, END = "# BEGIN stentor services", "# END stentor services"
"""Our part of a hosts file stands between these lines."""

_FIRST = "# Made by stentor from {file}; what is changed here is lost at the next deploy.\n"


def dns_items(services: Services, node: Node, fleet: Fleet) -> Sequence[Item]:
    """Return what is to hold on a node that answers DNS: nothing where the file names no such DNS."""
    if node.alias not in services.dns_nodes or not services.dns:
        return ()
    found, _ = records([one for one in fleet.nodes.values() if one.state != "retired"], services)
    make = {"dnsmasq": _dnsmasq, "hosts": _hosts, "pihole": _pihole}[services.dns]
    return (make(services, found),)


def _dnsmasq(services: Services, found: Sequence[Record]) -> Item:
    path, restart = services.dns_file or DNSMASQ, services.dns_restart
    text = _FIRST.format(file=services.file.rpartition("/")[2]) + dnsmasq(found)
    return Item(
        "dns",
        "dns",
        (NodeFile(path, text.encode()),),
        effects=(Effect(frozenset({path}), "restart dnsmasq"),),
        require=quoted(("dnsmasq_require", path, restart)),
        keep=quoted(("dnsmasq_keep", path)),
        apply=quoted(("dnsmasq_apply", restart)),
        undo=quoted(("dnsmasq_undo", restart)),
    )


def _hosts(services: Services, found: Sequence[Record]) -> Item:
    path, restart = services.dns_file or HOSTS, services.dns_restart
    front = _given(found)
    return Item(
        "dns",
        "dns",
        require=f"{front}hosts_require {quote(path)}",
        keep=f"{front}hosts_keep {quote(path)}",
        current=f"{front}hosts_current {quote(path)}",
        apply=f"{front}{quoted(('hosts_apply', path, restart))}",
        prove=f"{front}hosts_prove {quote(path)}",
        undo=f"{front}{quoted(('hosts_undo', path, restart))}",
    )


def _pihole(services: Services, found: Sequence[Record]) -> Item:  # noqa: ARG001 - as the others
    front = _given(found)
    return Item(
        "dns",
        "dns",
        require=f"{front}pihole_require",
        keep=f"{front}pihole_keep",
        current=f"{front}pihole_current",
        apply=f"{front}pihole_apply",
        prove=f"{front}pihole_prove",
        undo=f"{front}pihole_undo",
    )


def _given(found: Sequence[Record]) -> str:
    """The rows, as variables of the program."""
    return assign(dns_rows="\n".join(hosts(found)), dns_ours=BEGIN, dns_none=END)
