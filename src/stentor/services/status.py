"""How services stand on their nodes: read in one session a node, and judged here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from stentor import sh
from stentor.engines.reach import Reach
from stentor.fanout.collect import parsed
from stentor.fleet.service import COMPOSE, CONTAINER, OFF, RUNNING, SYSTEMD, Service
from stentor.outcome import Outcome
from stentor.services import program
from stentor.services.answer import Answer
from stentor.services.item import Item
from stentor.services.visit import Visit, visits
from stentor.typed import NamedTuple

SECONDS = 20.0
_ANYWHERE = ("0.0.0.0", "*", "[::]", "::")  # noqa: S104 - how a node says it


class Listener(NamedTuple):
    """A process that listens on a port."""

    port: int  # of TCP
    address: str  # as the node writes it
    pid: int  # 0 where it is not known
    owner: str  # ``caddy.service``, ``container NAME``, ``process NAME``, or empty


class ServiceStatus(NamedTuple):
    """How a service stands on a node."""

    node: str  # the alias
    name: str  # the service's
    kind: str  # as in the file; empty where nothing of it is managed
    expected: str  # ``running``, ``off`` or ``absent``
    # What its unit or its containers say: ``active (running)``, ``2/3 running``, ``absent``, ...
    state: str = ""
    good: bool = False  # whether that is what is expected, and nothing else is wrong
    since: float | None = None  # when it got into that state, in seconds since 1970; None where nobody knows
    restarts: int = 0  # by systemd or docker since it was started
    ports: tuple[Listener, ...] = ()  # what listens of the ports in the file
    image: str = ""  # of its container, or of its containers, in order
    digest: str = ""  # of that image
    drift: tuple[tuple[str, str], ...] = ()  # paths of files that are not as the fleet has them, and how
    problems: tuple[str, ...] = ()  # what is wrong, a sentence each


class NodeServices(NamedTuple):
    """What is known of a node's services."""

    outcome: Outcome  # whether it answered
    services: tuple[ServiceStatus, ...] = ()  # how each stands; none where it did not answer
    listeners: tuple[Listener, ...] = ()  # all that listens on the node
    pending: str = ""  # the name of a change that nobody has decided; empty for none
    # Names of services that were deployed there, and that the file no longer has there.
    strays: tuple[str, ...] = ()


class _Box(NamedTuple):
    """A container as the node tells of it."""

    id: str
    name: str
    status: str
    code: str
    restarts: int
    health: str
    started: str
    finished: str
    image: str
    digest: str
    project: str
    part: str


def look(
    reach: Reach,
    services: Mapping[str, Sequence[Service]],
    items: Mapping[str, Sequence[Item]],
    known: Mapping[str, str],
) -> dict[str, NodeServices]:
    """Ask nodes how their services stand; one session each.

    Args:
        items: by node, with the same names; whose files are compared.
        known: by node, the names of all its services.
    """
    texts = {}
    for alias, found in services.items():
        units = " ".join(dict.fromkeys(one.unit for one in found if one.unit))
        docker = "yes" if any(one.kind in (COMPOSE, CONTAINER) for one in found) else ""
        front = sh.assign(units=units, with_docker=docker, known=known[alias])
        texts[alias] = program.compose(items.get(alias, ()), front=front)
    seen = visits(reach, texts, "status", reach.settings.timeout or SECONDS)
    return {
        alias: parsed(
            read,
            (services[alias], items.get(alias, ()), visit),
            NodeServices,
            visit.outcome,
            repr(visit.answer).encode(),
        )
        for alias, visit in seen.items()
    }


def read(services: Sequence[Service], items: Sequence[Item], seen: Visit) -> NodeServices:
    """Return what a node said of its services."""
    answer = seen.answer
    if not seen.outcome.ok or answer is None:
        return NodeServices(seen.outcome)
    node = seen.outcome.node
    boxes = [_box(text) for text in answer.all("container")]
    names = {box.id: box.name for box in boxes}
    listeners = tuple(_listener(text, names) for text in answer.all("listen"))
    units = _units(answer)
    reader = _Reader(node, answer, units, boxes, listeners, items)
    found = tuple(map(reader.service, services))
    return NodeServices(seen.outcome, found, listeners, answer.one("pending"), answer.all("stray"))


class _Reader:
    def __init__(
        self,
        node: str,
        answer: Answer,
        units: Mapping[str, Mapping[str, str]],
        boxes: Sequence[_Box],
        listeners: Sequence[Listener],
        items: Sequence[Item],
    ) -> None:
        self.node = node
        self.answer = answer
        self.units = units
        self.boxes = boxes
        self.listeners = listeners
        self.numbers = {item.name: number for number, item in enumerate(items, 1)}

    def service(self, service: Service) -> ServiceStatus:
        status = ServiceStatus(self.node, service.name, service.kind, service.state)
        if service.kind == SYSTEMD:
            status = self._unit(service, status)
        elif service.kind == COMPOSE:
            found = [box for box in self.boxes if box.project == service.project]
            found = [box for box in found if not service.parts or box.part in service.parts]
            status = self._containers(service, status, found)
        elif service.kind == CONTAINER:
            named = [box for box in self.boxes if box.name == service.container]
            status = self._containers(service, status, named)
        else:
            status = status._replace(state="not managed: it has no type")
        ports = tuple(one for one in self.listeners if one.port in service.ports)
        drift = tuple(self._drift(service))
        problems = [*status.problems, *self._ports(service, ports)]
        problems += [f"{path}: {how}" for path, how in drift]
        return status._replace(ports=ports, drift=drift, problems=tuple(problems), good=not problems)

    def _unit(self, service: Service, status: ServiceStatus) -> ServiceStatus:
        if self.answer.has("no-systemd"):
            return status._replace(state="unknown", problems=("the node has no systemd",))
        unit = self.units.get(service.unit, {})
        active, sub = unit.get("ActiveState", "unknown"), unit.get("SubState", "")
        state = f"{active} ({sub})"
        if unit.get("LoadState") == "not-found":
            state = "not installed"
        entered = unit.get("ActiveEnterTimestamp" if active == "active" else "InactiveEnterTimestamp", "")
        since = float(entered[1:]) if entered[:1] == "@" and entered[1:].isdecimal() else None
        restarts = int(unit.get("NRestarts") or 0)
        problems = list(_unit_problems(service, unit, active, state))
        return status._replace(state=state, since=since or None, restarts=restarts, problems=tuple(problems))

    def _containers(self, service: Service, status: ServiceStatus, found: Sequence[_Box]) -> ServiceStatus:
        if why := self.answer.one("no-docker"):
            return status._replace(state="unknown", problems=(why,))
        if not found:
            missing = () if service.state != RUNNING else (f"{_what(service)} is not there",)
            return status._replace(state="absent", problems=missing)
        up = [box for box in found if box.status == "running"]
        state = found[0].status if len(found) == 1 else f"{len(up)}/{len(found)} running"
        unhealthy = [box for box in found if box.health not in ("-", "healthy", "starting")]
        state += " (unhealthy)" if unhealthy else ""
        times = [time for box in found if (time := _moment(box.started if box in up else box.finished))]
        return status._replace(
            state=state,
            since=max(times) if times else None,
            restarts=sum(box.restarts for box in found),
            image=", ".join(dict.fromkeys(box.image for box in found)),
            digest=", ".join(dict.fromkeys(box.digest for box in found)),
            problems=tuple(_container_problems(service, found)),
        )

    def _ports(self, service: Service, found: Sequence[Listener]) -> Iterator[str]:
        if not service.kind or service.state != RUNNING or not self.answer.has("ports"):
            return
        for port in service.ports:
            holders = [one for one in found if one.port == port]
            if not holders:
                yield f"nothing listens on port {port}"
            for owner in dict.fromkeys(one.owner for one in holders):
                if owner and not self._is_own(service, owner):
                    yield f"port {port} belongs to {owner}"

    def _is_own(self, service: Service, owner: str) -> bool:
        if service.kind == SYSTEMD:
            unit = self.units.get(service.unit, {}).get("Id") or service.unit
            stem = unit.rpartition(".")[0]
            return owner in (unit, f"{stem}.service") or (
                unit.endswith(".socket") and owner == "process systemd"
            )
        if owner == "docker-proxy":
            return True  # whose address it forwards to is looked at by a deploy
        name = owner.removeprefix("container ")
        return any(
            box.name == name and (box.project == service.project or box.name == service.container)
            for box in self.boxes
        )

    def _drift(self, service: Service) -> Iterator[tuple[str, str]]:
        number = self.numbers.get(service.name)
        how = {
            "new": "missing", "changed": "differs from the fleet", "remove": "should not be there",
            "mode": "has another mode", "owner": "has another owner", "link": "is a link",
            "other": "is no plain file", "unreadable": "cannot be read",
        }  # fmt: skip
        for one, text in self.answer.numbered("file"):
            word, _, path = text.partition(" ")
            if one == number:
                yield path, how.get(word, word)
        for one, text in self.answer.numbered("inside"):
            box, _, path = text.partition(" ")
            if one == number:
                name = next((found.name for found in self.boxes if found.id == box), box[:12])
                yield path, f"the container {name} has an earlier text"


def _unit_problems(service: Service, unit: Mapping[str, str], active: str, state: str) -> Iterator[str]:
    enabled = unit.get("UnitFileState", "")
    if service.state == RUNNING:
        if active not in ("active", "reloading") and not (active == "inactive" and _is_done(unit)):
            result = unit.get("Result", "")
            yield f"{service.unit} is {state}" + (f": {result}" if result not in ("", "success") else "")
        if enabled == "disabled":
            yield f"{service.unit} is not enabled: it will not start at boot"
        if enabled == "masked":
            yield f"{service.unit} is masked: systemctl unmask {service.unit}"
    elif active not in ("inactive", "failed"):
        yield f"{service.unit} is {state}, and should be {service.state}"
    elif enabled in ("enabled", "enabled-runtime"):
        yield f"{service.unit} is enabled, and should be {service.state}"
    if unit.get("NeedDaemonReload") == "yes":
        yield f"the file of {service.unit} was changed since systemd read it"


def _is_done(unit: Mapping[str, str]) -> bool:
    """Whether it is one that runs once, and has done so well; one that stays active was stopped since."""
    ran = unit.get("ExecMainStartTimestampMonotonic", "0") != "0" and unit.get("Result") == "success"
    return unit.get("Type") == "oneshot" and unit.get("RemainAfterExit") != "yes" and ran


def _container_problems(service: Service, found: Sequence[_Box]) -> Iterator[str]:
    for box in found:
        done = box.status == "exited" and box.code == "0"
        if service.state == RUNNING:
            if box.status != "running" and not (done and len(found) > 1):
                yield f"container {box.name} is {box.status} (exit code {box.code})"
            if box.health == "unhealthy":
                yield f"container {box.name} is not healthy"
        elif service.state == OFF and box.status == "running":
            yield f"container {box.name} is running, and should be off"
        elif service.state not in (RUNNING, OFF):
            yield f"container {box.name} is there, and should be absent"
    if service.kind == COMPOSE and service.state == RUNNING:
        there = {box.part for box in found}
        for part in service.parts:
            if part not in there:
                yield f"{part} of project {service.project} has no container"
    if service.kind == CONTAINER and service.state == RUNNING and found[0].image != service.image:
        yield f"its image is {found[0].image}, not {service.image}"


def _what(service: Service) -> str:
    return f"container {service.container}" if service.kind == CONTAINER else f"project {service.project}"


def _units(answer: Answer) -> dict[str, dict[str, str]]:
    """What systemd said of each unit, by each of its names; blocks end with an empty line."""
    found: dict[str, dict[str, str]] = {}
    block: dict[str, str] = {}
    for text in answer.all("unit"):
        key, equals, value = text.partition("=")
        if equals:
            block[key] = value
        elif block:
            found |= dict.fromkeys((block.get("Names") or block.get("Id", "")).split(), block)
            block = {}
    return found


def _box(text: str) -> _Box:
    words = text.split(" ")
    first, restarts, rest = words[:4], int(words[4]), words[5:12]
    return _Box(first[0], first[1].removeprefix("/"), first[2], first[3], restarts, *rest)


def _listener(text: str, names: Mapping[str, str]) -> Listener:
    port, address, pid, kind, name = (*text.split(" ", 4), "", "")[:5]
    owner = {
        "unit": name,
        "container": f"container {names.get(name, name[:12])}",
        "proxy": "docker-proxy",
        "process": f"process {name}",
    }.get(kind, "")
    return Listener(int(port), address, int(pid) if pid.isdecimal() else 0, owner)


def _moment(text: str) -> float | None:
    """When, in seconds since 1970; docker writes the year 1 for never."""
    if text.startswith("0001-"):
        return None
    try:
        return datetime.fromisoformat(text[:19] + "+00:00").timestamp()
    except ValueError:
        return None
