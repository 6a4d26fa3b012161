"""A round of ``stentor ping``: the reachability level of each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stentor.outcome import Report
from stentor.probe import ping as probe
from stentor.probe.ping import Ping
from stentor.render.style import KIND_STYLES
from stentor.render.summary import parts
from stentor.render.table import Cell, columns, table

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape


def record(seen: Ping, at: float) -> Shape:
    """Return one node's record."""
    from stentor.render import json_probe as json

    level, behind = seen.level, None
    if seen.behind:
        level, behind = "behind", json.Behind(seen.behind, seen.level)
    return json.Ping.of(seen, seen.outcome, level=level, behind=behind, at=at)


def picture(now: Mapping[str, Ping], width: int | None, *, colour: bool) -> list[str]:
    """Return the table."""
    titles = columns("NODE LEVEL TIME ADDRESS SAYS", right="TIME", text="SAYS", ADDRESS=15)
    return table(titles, [_row(seen) for seen in now.values()], width=width, colour=colour)


def counted(now: Mapping[str, Ping]) -> Iterator[str]:
    """Count those which are expected down first, then the others' outcomes."""
    rest = [s for s in now.values() if not (s.expected_down and s.outcome.kind == "skipped")]
    if len(rest) < len(now):
        yield f"{len(now) - len(rest)} expected down"
    for part in parts(Report(seen.outcome for seen in rest)):
        yield f"{part.count} up" if part.kind == "ok" else part.title


def changes(before: Mapping[str, Ping], now: Mapping[str, Ping]) -> list[str]:
    """Return a line for each node whose reachability level has changed."""
    return probe.changes(before, now.values())


def _row(seen: Ping) -> list[str | Cell]:
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
