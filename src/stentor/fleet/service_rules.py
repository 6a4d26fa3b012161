"""What must hold between services: ports, addresses, dependencies, paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stentor.fleet.service import ABSENT, COMPOSE, CONTAINER, RUNNING, SYSTEMD, Service
from stentor.fleet.suggest import did_you_mean

Complain = Callable[[str, str, str, str], None]
"""Takes a service's name, the key in question, what is wrong, and a hint."""

EVERYWHERE = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104 - how a file says it


def check_services(services: Mapping[str, Service], complain: Complain) -> None:
    """Find what does not hold between these services."""
    _ports(list(services.values()), complain)
    _dependencies(services, complain)
    _claims(list(services.values()), complain)


def overlaps(one: str, other: str) -> bool:
    """Whether two services that bind to these addresses want the same port."""
    return one in EVERYWHERE or other in EVERYWHERE or one == other


def order(services: Mapping[str, Service], names: Sequence[str]) -> list[str]:
    """Return names in the order in which the services are started: what others need comes first."""
    done: list[str] = []

    def visit(name: str, under_way: tuple[str, ...]) -> None:
        if name in done or name in under_way or name not in services:
            return
        for needed in services[name].needs:
            visit(needed, (*under_way, name))
        done.append(name)

    for name in services:
        visit(name, ())
    return [name for name in done if name in set(names)]


def _ports(services: Sequence[Service], complain: Complain) -> None:
    taken: dict[tuple[str, int], list[Service]] = {}
    for service in services:
        if service.state != RUNNING:
            continue
        for node in service.nodes:
            for port in service.ports:
                holders = taken.setdefault((node, port), [])
                holder = next((one for one in holders if overlaps(one.bind, service.bind)), None)
                if holder:
                    what = f"port {port} on {node} already belongs to '{holder.name}', {holder.place}"
                    key = "port" if len(service.ports) == 1 else "ports"
                    complain(service.name, key, what, "each service on a node needs its own")
                holders.append(service)


def _dependencies(services: Mapping[str, Service], complain: Complain) -> None:
    for service in services.values():
        for needed in service.needs:
            if needed not in services:
                hint = did_you_mean(needed, services, otherwise="it is not under 'services'")
                complain(service.name, "dependencies", f"there is no service '{needed}'", hint)
            elif service.state == RUNNING and services[needed].state != RUNNING:
                what = f"'{service.name}' depends on '{needed}', which is {services[needed].state}"
                complain(
                    service.name, "dependencies", what, f"expect '{needed}' to run, or drop the dependency"
                )
    told: set[frozenset[str]] = set()
    for name in services:
        circle = _circle(services, name)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            what = "dependencies go round in a circle: " + " -> ".join([*circle, circle[0]])
            complain(name, "dependencies", what, "a service cannot wait for itself")


def _circle(services: Mapping[str, Service], start: str) -> list[str]:
    """The way from a service back to itself; empty where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for needed in services[way[-1]].needs:
            if needed == start:
                return way
            if needed in services and needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return []


def _claims(services: Sequence[Service], complain: Complain) -> None:
    """What belongs to one service only on a node: its unit, project, container and files."""
    taken: dict[tuple[str, str, str], Service] = {}
    for service in services:
        own = {SYSTEMD: service.unit, COMPOSE: service.project, CONTAINER: service.container}
        what = {SYSTEMD: "unit", COMPOSE: "project", CONTAINER: "container_name"}
        claims = [(what[service.kind], own[service.kind])] if service.kind else []
        claims += [("file", put.path) for put in service.files]
        for node in service.nodes:
            for key, value in claims:
                holder = taken.setdefault((node, key, value), service)
                if holder is not service and ABSENT not in (holder.state, service.state):
                    said = f"{key} {value} on {node} already belongs to '{holder.name}', {holder.place}"
                    complain(service.name, key, said, "each service needs its own")
