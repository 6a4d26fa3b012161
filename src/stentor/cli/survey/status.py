"""The survey of ``stentor status``: what every node is and how it fares."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from stentor.api.inspect import statuses
from stentor.cli.survey.survey import Survey
from stentor.fanout.events import Progress
from stentor.fanout.task import Settings
from stentor.outcome import Report
from stentor.probe.columns import LAYOUTS
from stentor.probe.status import Status, changes, worries
from stentor.render.style import KIND_STYLES, paint, printable, shorten
from stentor.render.summary import parts
from stentor.render.table import Cell, Column, columns_of, table

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape


class StatusSurvey(Survey[Status]):
    """Runs the probe on every node, in one session each."""

    command = "status"

    def look(self) -> Generator[Status | Progress, None, None]:
        """Probe every node."""
        settings = Settings(connect_timeout=self.arguments.connect_timeout, timeout=self.arguments.timeout)
        nobody = self.arguments.json or self.arguments.watch
        ask = None if nobody else self.context.asking(self.screen)
        yield from statuses(self.selection, settings, ask=ask)

    def record(self, seen: Status, at: float) -> Shape:
        """One node's record."""
        from stentor.render import json_probe as json

        facts = None
        if seen.facts:
            root, home = (disk and json.Disk.of(disk) for disk in (seen.facts.root, seen.facts.home))
            facts = json.Facts.of(seen.facts, root=root, home=home, clock_skew=seen.clock_skew)
        return json.Status.of(seen.outcome, facts=facts, at=at)

    def picture(self, width: int | None) -> list[str]:
        """The table in the widest form that fits, and below it what a number cannot say."""
        for layout in LAYOUTS:
            lines = self.table(layout, None, colour=False)
            if width is None or max(map(columns_of, lines)) <= width:
                break
        lines = self.table(layout, width, colour=self.screen.colour_out)
        worried = [(alias, text) for alias, status in self.now.items() for text in worries(status)]
        return [*lines, *([""] if worried else []), *(f"{alias}: {text}" for alias, text in worried)]

    def table(self, layout: Any, width: int | None, *, colour: bool) -> list[str]:
        """The last round in the columns of one layout."""
        columns = [Column("NODE", shrink=True), Column("LEVEL")]
        columns += [Column(aspect.title, aspect.right, aspect.title == "OS") for aspect in layout]
        rows: list[list[str | Cell]] = []
        for alias, status in self.now.items():
            if status.outcome.ok and status.facts:
                cells = [Cell(*aspect.write(status.facts)) for aspect in layout]
                rows.append([alias, Cell("up", "good"), *cells])
            else:
                rows.append([alias, "-", *([""] * len(layout))])
        lines = table(columns, rows, width=width, colour=colour)
        # A node without facts has room for its reason where the others have theirs.
        at = table(columns, rows, width=width)[0].index("LEVEL")
        for index, status in enumerate(self.now.values(), 1):
            outcome = status.outcome
            if not (outcome.ok and status.facts):
                text = printable(f"{outcome.kind}: {outcome.reason}" if outcome.reason else outcome.kind)
                text = text if width is None else shorten(text, max(width - at, 8))
                painted = paint(text, KIND_STYLES.get(outcome.kind, "bad"), colour)
                lines[index] = shorten(outcome.node, at - 2).ljust(at) + painted
        return lines

    def counted(self) -> Iterable[str]:
        """How many are up, expected down, or ended otherwise."""
        words = {"ok": "up", "skipped": "expected down"}
        for part in parts(Report(status.outcome for status in self.now.values())):
            yield f"{part.count} {words[part.kind]}" if part.kind in words else part.title

    def changes(self) -> list[str]:
        """A line for each node which is another than in the round before."""
        return changes(self.before, self.now.values())
