"""``stentor status``: one table of what every node is and how it fares."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch, watch_seconds
from stentor.cli.selecting import add_connect_timeout, add_nodes, expression
from stentor.cli.values import seconds

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.probe.status import Status
    from stentor.render.records import Records
    from stentor.render.screen import Screen

EXAMPLES = """
stentor status                   every node
stentor status @gpu --watch 10   these, again every 10 seconds
stentor status --json | jq -r 'select(.type == "status" and .facts.load_per_core > 1).node'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=15.0,
        metavar="SECONDS",
        help="for the probe on each node (default: 15)",
    )
    add_watch(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.api import Fleet
    from stentor.cli.again import survey

    every = watch_seconds(arguments)
    words = expression(arguments)
    selection = Fleet.open(arguments.fleet, environ=context.environ).select(words)
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    found = _Survey(arguments, context, selection, screen, words)
    return survey(found, every, arguments, context, screen)


class _Survey:
    """One run of the command: rounds of the probe, and how they are shown."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        screen: Screen,
        expression: str,
    ) -> None:
        import time

        self.arguments = arguments
        self.selection = selection
        self.screen = screen
        self.live = screen.live_err and not context.environ.get("CI") and not arguments.watch
        self.ask = None if arguments.json or arguments.watch else context.asking(screen)
        self.clock = time.monotonic
        self.wall = time.time
        self.before: dict[str, Status] = {}
        self.now: dict[str, Status] = {}
        self.seconds = 0.0
        self.code = 0
        self.title = f"stentor status {expression}"
        self.records: Records | None = None
        if arguments.json:
            from stentor.render.records import Records

            nodes = [node.alias for node in selection.nodes]
            header = {
                "command": "status",
                "nodes": nodes,
                "selector": expression,
                "started_at": self.wall(),
            }
            self.records = Records(screen, header)

    def round(self) -> None:
        """Probe all nodes once, and say while it goes on who is still waited for."""
        from stentor.fanout.events import Notice
        from stentor.fanout.outcome import exit_code
        from stentor.fanout.task import Settings
        from stentor.probe.status import COMMAND, SCRIPT, survey

        started = self.clock()
        settings = Settings(connect_timeout=self.arguments.connect_timeout, timeout=self.arguments.timeout)
        found: dict[str, Status] = {}
        events = self.selection.stream(COMMAND, settings, stdin=SCRIPT, ask=self.ask)
        try:
            for status in survey(events, clock=self.wall):
                if isinstance(status, Notice):
                    self.notice(status.node, status.text)
                    continue
                found[status.outcome.node] = status
                if self.records:
                    self.records.write(_record(status, self.wall()))
                elif self.live:
                    self.progress(found, self.clock() - started)
        finally:
            self.screen.erase()
        self.before, self.now = self.now, {n.alias: found[n.alias] for n in self.selection.nodes}
        self.seconds = self.clock() - started
        outcomes = [status.outcome for status in self.now.values()]
        self.code = exit_code(outcomes)
        if self.records:
            self.records.report(outcomes, code=self.code, seconds=self.seconds)

    def notice(self, node: str, text: str) -> None:
        if self.records:
            self.records.write({"type": "notice", "node": node, "text": text})
        elif not self.arguments.watch:
            self.screen.say(f"stentor: {node}: {text}" if node else f"stentor: {text}")

    def progress(self, found: dict[str, Status], seconds: float) -> None:
        from stentor.render.progress import progress

        waiting = [node.alias for node in self.selection.nodes if node.alias not in found]
        bad = sum(status.outcome.kind not in ("ok", "skipped") for status in found.values())
        width = self.screen.width - 1
        self.screen.draw(progress(len(self.selection.nodes), len(found), bad, waiting, seconds, width))

    def show(self) -> None:
        """The table, then what to do about nodes that did not answer."""
        if self.records:
            return
        from stentor.fanout.outcome import Report
        from stentor.render.summary import hints

        for line in self.picture(self.screen.width if self.screen.live_out else None):
            self.screen.print(line)
        self.screen.say(self.summary())
        report = Report(status.outcome for status in self.now.values())
        for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
            self.screen.say(line)

    def picture(self, width: int | None) -> list[str]:
        """The table in the widest form that fits, and below it what a number cannot say."""
        from stentor.probe.columns import LAYOUTS
        from stentor.probe.status import worries
        from stentor.render.table import columns_of

        for layout in LAYOUTS:
            lines = self.table(layout, None, colour=False)
            if width is None or max(map(columns_of, lines)) <= width:
                break
        lines = self.table(layout, width, colour=self.screen.colour_out)
        worried = [(alias, text) for alias, status in self.now.items() for text in worries(status)]
        return [*lines, *([""] if worried else []), *(f"{alias}: {text}" for alias, text in worried)]

    def table(self, layout: Any, width: int | None, *, colour: bool) -> list[str]:
        from stentor.render.style import KIND_STYLES, paint, printable, shorten
        from stentor.render.table import Cell, Column, table

        columns = [Column("NODE", shrink=True), Column("RUNG")]
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
        at = table(columns, rows, width=width)[0].index("RUNG")
        for index, status in enumerate(self.now.values(), 1):
            outcome = status.outcome
            if not (outcome.ok and status.facts):
                text = printable(f"{outcome.kind}: {outcome.reason}" if outcome.reason else outcome.kind)
                text = text if width is None else shorten(text, max(width - at, 8))
                painted = paint(text, KIND_STYLES.get(outcome.kind, "bad"), colour)
                lines[index] = shorten(outcome.node, at - 2).ljust(at) + painted
        return lines

    def summary(self) -> str:
        """How many nodes are how far."""
        from stentor.fanout.outcome import Report
        from stentor.render.summary import duration, parts

        dot = " · " if self.screen.can_show("·") else " | "
        counted = parts(Report(status.outcome for status in self.now.values()))
        words = {"ok": "up", "skipped": "expected down"}
        named = [f"{part.count} {words[part.kind]}" if part.kind in words else part.title for part in counted]
        return f"{dot.join(named)} in {duration(self.seconds)}"

    def changes(self) -> list[str]:
        """A line for each node which is another than in the round before."""
        from stentor.probe.status import changes

        return changes(self.before, self.now.values())


def _record(status: Status, at: float) -> dict[str, Any]:
    outcome = status.outcome
    facts: dict[str, Any] | None = None
    if status.facts:
        known = status.facts
        facts = known._asdict()
        facts["root"] = known.root._asdict() if known.root else None
        facts["home"] = known.home._asdict() if known.home else None
        facts["load_per_core"] = None if known.load_per_core is None else round(known.load_per_core, 3)
        facts["clock_skew"] = status.clock_skew
    return {
        "type": "status",
        "node": outcome.node,
        "kind": outcome.kind,
        "seconds": float(outcome.seconds),
        "reason": outcome.reason,
        "hint": outcome.hint,
        "facts": facts,
        "at": at,
    }
