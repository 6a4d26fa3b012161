"""A round of ``stentor status``: what every node is and how it fares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stentor.outcome import Report
from stentor.probe import status as probe
from stentor.probe.columns import LAYOUTS, Aspect
from stentor.probe.status import Status, warnings
from stentor.render.style import KIND_STYLES, paint, printable, shorten
from stentor.render.summary import parts
from stentor.render.table import Cell, Column, table
from stentor.render.wrap import columns_of, hanging

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape


def record(seen: Status, at: float) -> Shape:
    """Return one node's record."""
    from stentor.render import json_probe as json

    facts = None
    if seen.facts:
        root, home = (disk and json.Disk.of(disk) for disk in (seen.facts.root, seen.facts.home))
        facts = json.Facts.of(seen.facts, root=root, home=home, clock_skew=seen.clock_skew)
    return json.Status.of(seen.outcome, facts=facts, at=at)


def picture(now: Mapping[str, Status], width: int | None, *, colour: bool) -> list[str]:
    """Return the table in the widest form that fits, and below it what a number cannot say."""
    for layout in LAYOUTS:
        lines = _table(now, layout, None, colour=False)
        if width is None or max(map(columns_of, lines)) <= width:
            break
    lines = _table(now, layout, width, colour=colour)
    warned = [(alias, text) for alias, status in now.items() for text in warnings(status)]
    return [*lines, *([""] if warned else []), *(f"{alias}: {text}" for alias, text in warned)]


def _table(
    now: Mapping[str, Status], layout: Sequence[Aspect], width: int | None, *, colour: bool
) -> list[str]:
    columns = [Column("NODE", shrink=True), Column("LEVEL")]
    columns += [Column(aspect.title, aspect.right, aspect.title == "OS") for aspect in layout]
    rows: list[list[str | Cell]] = []
    for alias, status in now.items():
        if status.outcome.ok and status.facts:
            cells = [Cell(*aspect.write(status.facts)) for aspect in layout]
            rows.append([alias, Cell("up", "good"), *cells])
        else:
            rows.append([alias, "-", *([""] * len(layout))])
    lines = table(columns, rows, width=width, colour=colour)
    # A node without facts has room for its reason where the others have theirs.
    at = table(columns, rows, width=width)[0].index("LEVEL")
    for index, status in reversed([*enumerate(now.values(), 1)]):
        outcome = status.outcome
        if not (outcome.ok and status.facts):
            said = hanging(printable(outcome.words), 0, width and width - at).split("\n")
            names = [shorten(outcome.node, at - 2), *[""] * (len(said) - 1)]
            style = KIND_STYLES.get(outcome.kind, "bad")
            lines[index : index + 1] = [
                name.ljust(at) + paint(text, style, colour) for name, text in zip(names, said, strict=True)
            ]
    return lines


def counted(now: Mapping[str, Status]) -> Iterator[str]:
    """Say how many are up, expected down, or ended otherwise."""
    words = {"ok": "up", "skipped": "expected down"}
    for part in parts(Report(status.outcome for status in now.values())):
        yield f"{part.count} {words[part.kind]}" if part.kind in words else part.title


def changes(before: Mapping[str, Status], now: Mapping[str, Status]) -> list[str]:
    """Return a line for each node that differs from the round before."""
    return probe.changes(before, now.values())
