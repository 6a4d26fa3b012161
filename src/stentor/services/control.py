"""Restart, stop, start and enable services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished
from stentor.fleet.service import COMPOSE, SYSTEMD, Service
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.sent import Sent
from stentor.services import program
from stentor.services.item import Item
from stentor.services.items import item_of
from stentor.services.visit import Visit, visit
from stentor.sh.quoting import quote, quoted

VERBS = ("start", "stop", "restart", "enable", "disable")
_SECONDS = 120.0
_SETTLE = 2.0  # seconds; what dies at once is seen


class ControlChange(BaseChange):
    """Does one thing to services that are there, and looks whether it came about."""

    def __init__(self, verb: str, services: Mapping[str, Sequence[Service]]) -> None:
        names = dict.fromkeys(one.name for found in services.values() for one in found)
        self.name = f"services {verb}"
        self.title = f"{verb} {', '.join(names)}"
        self._verb = verb  # ``start``, ``stop``, ``restart``, ``enable`` or ``disable``
        self._services = services  # by node

    def sends(self) -> Sequence[Sent]:
        """What stops units, or keeps them from the next boot."""
        units = dict.fromkeys(one.unit for found in self._services.values() for one in found if one.unit)
        ending = units if self._verb in ("stop", "disable") else {}
        return [Sent(f"systemctl {self._verb} {quote(unit)}") for unit in ending]

    def preview(
        self,
        nodes: Sequence[str],
        reach: Reach,  # noqa: ARG002 - the protocol's
    ) -> Mapping[str, Preview]:
        """Say what is done to which services."""
        return {
            alias: Preview(alias, tuple(f"{self._verb} {one.name}" for one in self._services[alias]))
            for alias in nodes
        }

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Do it on these nodes."""
        texts = {
            alias: program.compose([controlled(one, self._verb) for one in self._services[alias]])
            for alias in nodes
        }
        for event in visit(reach, texts, "control", reach.settings.timeout or _SECONDS):
            if isinstance(event, Visit):
                yield Finished(event.outcome.node, event.outcome)
            else:
                yield event


def controlled(service: Service, verb: str) -> Item:
    """Return an item whose ``apply`` does one thing to a service, and whose ``prove`` looks at it."""
    running = service._replace(state="running", files=(), data=(), check="")
    wanted = running if verb in ("start", "restart") else running._replace(state="off", ports=())
    item = item_of(wanted, {})
    settle = _SETTLE if verb in ("start", "restart") else 0.0
    unit = quote(service.unit)
    if service.kind == SYSTEMD:
        # By its own name: an alias can be started, but not enabled.
        act = f'unit_named {unit} && systemctl {verb} -- "$_unit"'
        if verb == "start":  # one that runs already has earlier restarts
            act = f"systemctl reset-failed -- {unit} 2>/dev/null; {act}"
        if verb in ("start", "restart", "stop"):
            act += f" || unit_why {unit}"
    elif verb in ("enable", "disable"):
        policy = "no" if verb == "disable" else service.restart or "unless-stopped"
        act = f"container_policy {quote(policy)}"
    else:
        act = f"docker {verb}"
    if service.kind != SYSTEMD:
        act = _containers(service, act)
    prove = item.prove
    if verb in ("enable", "disable"):  # of a container it has looked at once it is told
        prove = f"unit_boots {unit} {'yes' if verb == 'enable' else 'no'}" if service.kind == SYSTEMD else ""
    return item._replace(apply=act, prove=prove, settle=settle)


def _containers(service: Service, act: str) -> str:
    if service.kind == COMPOSE:
        about = quoted((service.project, service.compose_file, service.env_file, " ".join(service.parts)))
        return f"compose_of {about} && compose_each {act}"
    return f"container_with {quote(service.container)} {act} >/dev/null"
