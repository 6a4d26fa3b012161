"""The survey of ``stentor ping``: the reachability level of each node."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from stentor.api.inspect import logins, pings
from stentor.cli.survey.survey import Survey
from stentor.outcome import Report
from stentor.probe.ping import Ping, changes
from stentor.render.style import KIND_STYLES
from stentor.render.summary import parts
from stentor.render.table import Cell, Column, table
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape


class PingSurvey(Survey[Ping]):
    """Probes every node; with ``--login`` goes all the way up to a shell."""

    command = "ping"

    def look(self) -> Generator[Ping, None, None]:
        """Probe every node, or log in to it."""
        return self._logins() if self.arguments.login else self._probes()

    def _probes(self) -> Generator[Ping, None, None]:
        silent = [alias for alias, seen in self.now.items() if seen.level in ("unreachable", "no-banner")]
        limit = self.arguments.connect_timeout
        yield from pings(self.selection, connect_timeout=limit, silent=silent)

    def _logins(self) -> Generator[Ping, None, None]:
        nobody = self.arguments.json or self.arguments.watch or self.quiet
        ask = None if nobody else self.context.asking(self.screen)
        yield from logins(self.selection, connect_timeout=self.arguments.connect_timeout, ask=ask)

    def record(self, seen: Ping, at: float) -> Shape:
        """One node's record."""
        from stentor.render import json_probe as json

        level, behind = seen.level, None
        if seen.behind:
            level, behind = "behind", json.Behind(seen.behind, seen.level)
        return json.Ping.of(seen, seen.outcome, level=level, behind=behind, at=at)

    def picture(self, width: int | None) -> list[str]:
        """The table."""
        columns = [
            Column("NODE"),
            Column("LEVEL"),
            Column("TIME", right=True),
            Column("ADDRESS", shrink=True, least=9),
            Column("SAYS", shrink=True, least=12),
        ]
        rows = [_row(seen) for seen in self.now.values()]
        return table(columns, rows, width=width, colour=self.screen.colour_out)

    def counted(self) -> Iterable[str]:
        """Those which are expected down first, then the others' outcomes."""
        rest = [s for s in self.now.values() if not (s.expected_down and s.outcome.kind == "skipped")]
        if len(rest) < len(self.now):
            yield f"{len(self.now) - len(rest)} expected down"
        for part in parts(Report(seen.outcome for seen in rest)):
            yield f"{part.count} up" if part.kind == "ok" else part.title

    def changes(self) -> list[str]:
        """A line for each node whose reachability level has changed since the round before."""
        return changes(self.before, self.now.values())

    def hinted(self) -> bool:
        """Only for logins: without one the reason is in the table."""
        return bool(self.arguments.login)


def _row(seen: Ping) -> list[Any]:
    kind = seen.outcome.kind
    quiet = "quiet" if kind == "skipped" else ""
    says = Cell(seen.detail, "warning" if kind == "ok" and seen.expected_down else quiet)
    spent = "" if not seen.outcome.seconds else _time(seen.outcome.seconds)
    level = Cell(seen.state, KIND_STYLES.get(kind, "bad"))
    return [Cell(seen.outcome.node, quiet), level, Cell(spent, quiet), Cell(seen.address, quiet), says]


def _time(seconds: float) -> str:
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"
