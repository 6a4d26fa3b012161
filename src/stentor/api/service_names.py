"""The web names of services: what serves them in a deploy, and whether they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stentor.services.change import Proved
from stentor.services.gateway import dns_items, gateway_items
from stentor.services.proof.question import NO_ANSWER
from stentor.services.web_proof import PATIENCE, SiteProof, prove_sites

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stentor.engines.reach import Reach
    from stentor.fleet.model import Fleet, Node
    from stentor.fleet.services import Services, Site
    from stentor.services.item import Item

_LOOKS = 2  # how often a name is asked where nothing was changed


def sites_of(services: Services, names: Collection[str]) -> list[Site]:
    """Return the web names of these services; all where no service is named."""
    return [site for site in services.sites if not names or site.service in names]


def nodes_of(services: Services, names: Collection[str]) -> set[str]:
    """Return the nodes that serve the web names of these services, and that answer DNS for them."""
    if sites_of(services, names):
        return {*services.gateway_nodes, *services.dns_nodes}
    return set() if names or not services.dns else {*services.dns_nodes}


def items_of(services: Services, names: Collection[str], node: Node, fleet: Fleet) -> Iterator[Item]:
    """Return the gateway and the DNS as items, for a node that is one of these."""
    if sites_of(services, names):
        yield from gateway_items(services, node, fleet)
    if not names or sites_of(services, names):
        yield from dns_items(services, node, fleet)


def prove(services: Services, sites: Sequence[Site], reach: Reach) -> Sequence[Proved]:
    """Ask for web names after a change, with patience for what has only just begun.

    A backend that is no service of the fleet's (a printer, say) may be off: a gateway that says so is right.
    """
    found = prove_sites(services, sites, reach, patience=PATIENCE)
    return [_proved(site, found[site.fqdn]) for site in sites]


def _proved(site: Site, proof: SiteProof) -> Proved:
    off = not site.service and proof.code in NO_ANSWER
    said = f"{proof.said} ({proof.hint})" if proof.hint and not proof.ok else proof.said
    return Proved(site.fqdn, proof.ok or off, said)


def look(services: Services, sites: Sequence[Site], reach: Reach) -> Mapping[str, SiteProof]:
    """Ask for web names as they are; nothing was changed."""
    return prove_sites(services, sites, reach, times=_LOOKS)
