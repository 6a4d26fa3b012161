"""What a deploy acts on: for each node its items in order, and the order of the nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from stentor.fleet.service import RUNNING
from stentor.fleet.service_rules import order
from stentor.fleet.services import Services, Site
from stentor.rollout.plan import Plan, Wave
from stentor.services.item import Item
from stentor.typed import NamedTuple


class Parts(NamedTuple):
    """What a deploy acts on."""

    # Alias to what is to hold there, in the order in which it is brought into effect.
    items: Mapping[str, Sequence[Item]]
    behind: Mapping[str, Collection[str]]  # node to the nodes that it needs
    sites: Sequence[Site]  # the web names that are proved at the end
    services: Services  # all of the fleet's

    @property
    def phases(self) -> list[list[str]]:
        """The nodes; those of a phase are changed at the same time, after all earlier ones."""
        return phases(self.behind)


def chosen(services: Services, names: Collection[str], nodes: Collection[str]) -> dict[str, list[str]]:
    """Return node to the names of its services, in the order in which they are started.

    Args:
        names: which are wanted; empty for all.
        nodes: aliases of the nodes that are wanted.
    """
    wanted = [name for name, one in services.services.items() if one.kind and (not names or name in names)]
    ordered = order(services.services, wanted)
    found: dict[str, list[str]] = {}
    for name in ordered:
        for node in services.services[name].nodes:
            if node in nodes:
                found.setdefault(node, []).append(name)
    return found


def known_on(services: Services, node: str) -> str:
    """Return the names of all services of a node, as the node's program takes them."""
    return " ".join(name for name, one in services.services.items() if one.kind and node in one.nodes)


def needed(services: Services, names: Collection[str], nodes: Sequence[str]) -> dict[str, set[str]]:
    """Return node to those of these nodes whose services it needs.

    The gateway and what answers DNS need the nodes of their backends.

    Args:
        names: of those that are deployed; empty for all.
        nodes: that are changed.
    """
    deployed = {name: one for name, one in services.services.items() if not names or name in names}
    behind: dict[str, set[str]] = {node: set() for node in nodes}
    for service in deployed.values():
        needed = {node for name in service.needs if name in deployed for node in deployed[name].nodes}
        for node in service.nodes:
            # What runs on all of its nodes alike (docker) is needed of the own one only.
            if node in behind and node not in needed:
                behind[node] |= needed & behind.keys()
    for site in services.sites:
        backend = deployed.get(site.service)
        for node in {*services.gateway_nodes, *services.dns_nodes} & behind.keys():
            if backend and node not in backend.nodes:
                behind[node] |= set(backend.nodes) & behind.keys()
    return behind


def phases(behind: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Return the nodes in the order in which they are changed: those come first whose services others need.

    Nodes that need each other in a circle are changed at the same time.

    Args:
        behind: node to the nodes that it needs, in the fleet's order.
    """
    done: set[str] = set()
    found: list[list[str]] = []
    while len(done) < len(behind):
        ready = [node for node in behind if node not in done and done.issuperset(behind[node])]
        ready = ready or [node for node in behind if node not in done]  # a circle
        found.append(ready)
        done |= set(ready)
    return found


def with_needs(plan: Plan, behind: Mapping[str, Collection[str]]) -> Plan:
    """Return a plan in which no node comes before one that it needs: that one comes along in its wave.

    Args:
        behind: node to the nodes that it needs.
    """
    done: set[str] = set()
    waves: list[Wave] = []
    reasons = list(plan.reasons)
    for wave in plan.waves:
        members = [node for node in wave.nodes if node not in done]
        for node in members:  # it grows meanwhile
            for other in behind.get(node, ()):
                if other in plan.nodes and other not in done and other not in members:
                    members.append(other)
                    reasons.append(f"{other} comes along in {wave.name}: {node} needs it")
        done |= set(members)
        if members:
            waves.append(wave._replace(nodes=tuple(members)))
    return plan._replace(waves=tuple(waves), reasons=tuple(reasons))


def sites_of(services: Services, names: Collection[str], nodes: Collection[str]) -> list[Site]:
    """Return the web names that a deploy of these services has to prove.

    Args:
        names: of services that are deployed; empty for all.
        nodes: that are changed.
    """
    found = []
    for site in services.sites:
        service = services.services.get(site.service)
        if names and site.service not in names:
            continue
        if service is not None and (service.state != RUNNING or not set(service.nodes) <= set(nodes)):
            continue
        found.append(site)
    return found
