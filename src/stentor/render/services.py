"""Services for people: how they stand, who listens where, and what a deploy would change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from stentor.fleet.loopback import is_loopback
from stentor.fleet.service import RUNNING, Service
from stentor.fleet.service_rules import EVERYWHERE
from stentor.render import web_names
from stentor.render.dotfiles import diff_lines
from stentor.render.names import together
from stentor.render.style import KIND_STYLES, paint, printable
from stentor.render.summary import duration
from stentor.render.table import Cell, Column, columns, table
from stentor.services.plan import stray_note
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape
    from stentor.render.json_services import PlanLine, PortLine
    from stentor.render.screen import Screen
    from stentor.rollout.change import Preview
    from stentor.services.proof.judge import SiteProof
    from stentor.services.status import Listener, NodeServices, ServiceStatus

    Seen = tuple[Mapping[str, NodeServices], Sequence[SiteProof]]


def records(found: Mapping[str, NodeServices]) -> Iterator[Shape]:
    """Return the records of ``services status``: each node's, then its services'."""
    from stentor.render import json_services as json

    for alias, one in found.items():
        yield json.NodeLine(alias, one.outcome.kind, one.outcome.reason, one.pending, list(one.strays))
        for row in one.services:
            ports = [json.Port.of(port) for port in row.ports]
            drift = [json.Drift(path, how) for path, how in row.drift]
            own = {"service": row.name, "manager": row.kind, "problems": list(row.problems)}
            yield json.ServiceLine.of(row, ports=ports, drift=drift, **own)


def status_lines(
    found: Mapping[str, NodeServices], now: float, width: int | None, *, colour: bool
) -> list[str]:
    """Return the table of services in so many columns, and below it what is wrong."""
    rows = [row for one in found.values() for row in one.services]
    titles = ("SERVICE", "NODE", "STATE", "SINCE", "RESTARTS", "PORTS", "IMAGE")
    columns = [Column(title, right=title == "RESTARTS") for title in titles]
    columns[-1] = columns[-1]._replace(shrink=True, least=12)
    cells = [_row(row, now) for row in rows]
    lines = table(columns, cells, width=width, colour=colour) if rows else []
    for alias, one in found.items():
        problems = ((row.name, problem) for row in one.services for problem in row.problems)
        lines += (printable(f"{alias}: {line}") for line in together(problems))
        if not one.outcome.ok:
            line = printable(f"{alias}: {one.outcome.reason or one.outcome.kind}")
            lines.append(paint(line, KIND_STYLES.get(one.outcome.kind, "bad"), colour))
        if one.pending:
            lines.append(f"{alias}: the change {printable(one.pending)} is not decided yet")
        if strays := stray_note(one.strays):
            lines.append(f"{alias}: {printable(strays)}")
    return lines


class StatusRounds:
    """``services status``, once or again and again."""

    def __init__(
        self, title: str, look: Callable[[], Seen], clock: Callable[[], float], screen: Screen
    ) -> None:
        self.title = title  # of the command, above a picture that is redrawn
        self.found: Mapping[str, NodeServices] = {}  # how the services of each node stand
        self.names: Sequence[SiteProof] = ()  # whether web names answer
        self._look = look  # looks once at services and web names, and writes the records if they are wanted
        self._clock = clock  # seconds since 1970
        self._colour = screen.colour_out
        self._before: dict[str, str] = {}
        self._states: dict[str, str] = {}

    def round(self) -> None:
        self.found, self.names = self._look()
        self._before, self._states = self._states, dict(self._now())

    def _now(self) -> Iterator[tuple[str, str]]:
        for alias, one in self.found.items():
            if not one.outcome.ok:
                yield alias, one.outcome.reason or one.outcome.kind
            for row in one.services:
                yield f"{alias}: {row.name}", "; ".join([row.state, *row.problems])
        for site in self.names:
            yield site.fqdn, "answers" if site.ok else site.said

    def picture(self, width: int | None) -> list[str]:
        lines = status_lines(self.found, self._clock(), width, colour=self._colour)
        names = web_names.lines(self.names, width, colour=self._colour)
        return [*lines, *[""] * bool(lines and names), *names]

    @property
    def good(self) -> bool:
        """Whether every service and web name is as the file says."""
        rows = [row for one in self.found.values() for row in one.services]
        return all(row.good or not row.kind for row in rows) and all(one.ok for one in self.names)

    def summary(self) -> str:
        """Return the same in a few words."""
        rows = [row for one in self.found.values() for row in one.services]
        return f"{sum(row.good for row in rows)} of {len(rows)} services as expected"

    def changes(self) -> list[str]:
        """Return a line for each service, node or web name that differs from the round before."""
        return [
            printable(f"{name}: {state}")
            for name, state in self._states.items()
            if self._before.get(name) != state
        ] + [f"{name}: no longer listed" for name in self._before if name not in self._states]


def _row(row: ServiceStatus, now: float) -> list[str | Cell]:
    style = "" if not row.kind else "good" if row.good else "bad"
    since = duration(max(0.0, now - row.since)) if row.since else ""
    ports = ",".join(map(str, sorted({one.port for one in row.ports})))
    restarts = str(row.restarts) if row.restarts else ""
    return [
        row.name,
        row.node,
        Cell(printable(row.state), style),
        since,
        restarts,
        ports,
        printable(row.image),
    ]


def port_rows(
    found: Mapping[str, NodeServices], services: Iterable[Service], names: Collection[str] = ()
) -> list[PortLine]:
    """Return who listens on each port, and which ports of the file nobody listens on.

    Args:
        found: how the services of each node stand.
        names: of the services whose ports are wanted; empty for all ports.
    """
    from stentor.render.json_services import PortLine

    wanted = {
        (node, port): one
        for one in services
        for node in one.nodes
        for port in one.ports
        if one.state == RUNNING
    }
    rows = []
    for alias, one in found.items():
        own = {row.name: row for row in one.services}
        for listener in sorted(set(one.listeners)):
            service = wanted.get((alias, listener.port))
            problem = _port_problem(service, listener, own)
            name = service.name if service else ""
            rows.append(PortLine.of(listener, node=alias, service=name, problem=problem))
        there = {listener.port for listener in one.listeners}
        for (node, port), service in wanted.items():
            if node == alias and port not in there and one.outcome.ok:
                rows.append(PortLine(alias, port, "", 0, "", service.name, "nothing listens"))
    return [row for row in rows if not names or row.service in names]


def _port_problem(service: Service | None, listener: Listener, own: Mapping[str, ServiceStatus]) -> str:
    if service is None or service.name not in own:
        return ""
    said = f"port {listener.port} belongs to {listener.owner}"
    if said in own[service.name].problems:
        return f"belongs to {listener.owner}"
    if listener.address.strip("[]") in EVERYWHERE and is_loopback(service.bind):
        return f"open to all; the file binds it to {service.bind}"
    return ""


def show_ports(screen: Screen, found: Mapping[str, NodeServices], rows: Sequence[PortLine]) -> None:
    """Show the table of ports."""
    titles = columns("NODE PORT ADDRESS OWNER SERVICE PROBLEM", right="PORT", text="PROBLEM")
    if rows:
        screen.table(titles, [_port_cells(row) for row in rows])
    for alias, one in found.items():
        if not one.outcome.ok:
            screen.print(printable(f"{alias}: {one.outcome.reason or one.outcome.kind}"))


def _port_cells(row: PortLine) -> list[str | Cell]:
    problem = Cell(printable(row.problem), "bad")
    return [row.node, str(row.port), row.address, printable(row.owner), row.service, problem]


def planned(preview: Preview) -> PlanLine:
    """Return the record of a node's plan."""
    from stentor.render.json_services import PlanLine

    return PlanLine(
        preview.node,
        list(preview.changes),
        list(preview.diff),
        preview.blocker,
        preview.unknown,
        list(preview.notes),
    )


def show_plan(screen: Screen, previews: Iterable[Preview], *, short: bool = False) -> None:
    """Show what would change on each node, with the differences of files."""
    for one in previews:
        for note in one.notes:
            screen.print(printable(f"{one.node}: {note}"))
        if one.unknown:
            screen.print(paint(printable(f"{one.node}: {one.unknown}"), "warning", screen.colour_out))
            continue
        if one.blocker:
            for line in one.blocker.splitlines():
                screen.print(paint(printable(f"{one.node}: {line}"), "bad", screen.colour_out))
        elif not one.changes:
            screen.print(f"{one.node}: up to date")
            continue
        else:
            many = "1 change" if len(one.changes) == 1 else f"{len(one.changes)} changes"
            screen.print(f"{one.node}: {many}")
        for change in one.changes:
            screen.print(f"  {printable(change)}")
        for line in diff_lines(() if short else one.diff, colour=screen.colour_out):
            screen.print(f"    {line}")
