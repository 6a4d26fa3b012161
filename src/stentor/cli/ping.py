"""``stentor ping``: how far each node can be reached, without logging in."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch, watch_seconds
from stentor.cli.selecting import add_connect_timeout, add_nodes, expression

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.probe.ping import Ping
    from stentor.render.records import Records
    from stentor.render.screen import Screen

EXAMPLES = """
stentor ping                     every node, all at once
stentor ping @gpu                only these
stentor ping --login             all the way up to a shell
stentor ping --watch             again every 2 seconds, until Ctrl-C
stentor ping --watch 10 | tee log   a line for each change
stentor ping --json | jq -r 'select(.type == "ping" and .rung != "up").node'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument("-l", "--login", action="store_true", help="log in, and go all the way up to a shell")
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    add_watch(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="only the exit code")
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
    found = _Pinger(arguments, context, selection, screen, words)
    return survey(found, every, arguments, context, screen)


class _Pinger:
    """One run of the command: rounds of pings, and how they are shown."""

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
        self.context = context
        self.selection = selection
        self.screen = screen
        self.clock = time.monotonic
        self.wall = time.time
        self.before: dict[str, Ping] = {}
        self.now: dict[str, Ping] = {}
        self.seconds = 0.0
        self.code = 0
        self.title = f"stentor ping {expression}{' --login' if arguments.login else ''}"
        self.records: Records | None = None
        if arguments.json:
            from stentor.render.records import Records

            self.records = Records(
                screen,
                {
                    "command": "ping",
                    "nodes": [node.alias for node in selection.nodes],
                    "selector": expression,
                    "started_at": self.wall(),
                },
            )

    def pings(self) -> Generator[Ping, None, None]:
        selection = self.selection
        if self.arguments.login:
            from stentor.fanout.events import Finished
            from stentor.fanout.task import Settings
            from stentor.probe.ping import of_login

            nodes = {node.alias: node for node in selection.nodes}
            limit = self.arguments.connect_timeout
            settings = Settings(window=0, connect_timeout=limit, timeout=limit + 10)
            nobody = self.arguments.json or self.arguments.watch or self.arguments.quiet
            ask = None if nobody else self.context.asking(self.screen)
            for event in selection.stream("true", settings, ask=ask):
                if isinstance(event, Finished):
                    yield of_login(nodes[event.node], event.outcome)
            return
        from stentor.probe.ping import ping
        from stentor.probe.places import places

        where = places(selection.fleet.data, selection.nodes, environ=selection.fleet.environ)
        yield from ping(
            selection.nodes,
            where,
            connect_timeout=self.arguments.connect_timeout,
            local=selection.fleet.local,
            silent=[alias for alias, seen in self.now.items() if seen.rung in ("unreachable", "no-banner")],
        )

    def round(self) -> None:
        """Ping all nodes once, and say while it goes on who is still waited for."""
        from stentor.fanout.outcome import exit_code

        started = self.clock()
        found: dict[str, Ping] = {}
        try:
            with closing(self.pings()) as pings:
                for seen in pings:
                    found[seen.outcome.node] = seen
                    if self.records:
                        self.records.write(_record(seen, self.wall()))
                    elif not self.arguments.watch:
                        self.progress(found, self.clock() - started)
        finally:
            self.screen.erase()
        self.before, self.now = self.now, {n.alias: found[n.alias] for n in self.selection.nodes}
        self.seconds = self.clock() - started
        outcomes = [seen.outcome for seen in self.now.values()]
        self.code = exit_code(outcomes)
        if self.records:
            self.records.report(outcomes, code=self.code, seconds=self.seconds)

    def progress(self, found: dict[str, Ping], seconds: float) -> None:
        total = len(self.selection.nodes)
        few = total <= 64 or len(found) % 50 == 0
        if self.screen.live_err and not self.arguments.quiet and not self.context.environ.get("CI") and few:
            from stentor.render.progress import progress

            waiting = [node.alias for node in self.selection.nodes if node.alias not in found]
            bad = sum(seen.outcome.kind not in ("ok", "skipped") for seen in found.values())
            self.screen.draw(progress(total, len(found), bad, waiting, seconds, self.screen.width - 1))

    def show(self) -> None:
        """The table, and in few words what it says."""
        if self.records or self.arguments.quiet:
            return
        for line in self.picture(self.screen.width if self.screen.live_out else None):
            self.screen.print(line)
        self.screen.say(self.summary())
        if self.arguments.login:
            from stentor.fanout.outcome import Report
            from stentor.render.summary import hints

            report = Report(seen.outcome for seen in self.now.values())
            for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
                self.screen.say(line)

    def picture(self, width: int | None) -> list[str]:
        """The table."""
        from stentor.render.table import Column, table

        columns = [
            Column("NODE"),
            Column("RUNG"),
            Column("TIME", right=True),
            Column("ADDRESS", shrink=True, least=9),
            Column("SAYS", shrink=True, least=12),
        ]
        rows = [_row(seen) for seen in self.now.values()]
        return table(columns, rows, width=width, colour=self.screen.colour_out)

    def summary(self) -> str:
        """How many nodes are how far."""
        from stentor.fanout.outcome import Report
        from stentor.render.summary import duration, parts

        dot = " · " if self.screen.can_show("·") else " | "
        expected = sum(s.expected_down and s.outcome.kind == "skipped" for s in self.now.values())
        named = [f"{expected} expected down"] if expected else []
        rest = (s.outcome for s in self.now.values() if not (s.expected_down and s.outcome.kind == "skipped"))
        for part in parts(Report(rest)):
            named += [f"{part.count} up" if part.kind == "ok" else part.title]
        return f"{dot.join(named)} in {duration(self.seconds)}"

    def changes(self) -> list[str]:
        """A line for each node whose rung is another one than in the round before."""
        from stentor.probe.ping import changes

        return changes(self.before, self.now.values())


def _record(seen: Ping, at: float) -> dict[str, Any]:
    outcome = seen.outcome
    return {
        "type": "ping",
        "node": outcome.node,
        "kind": outcome.kind,
        "rung": "behind" if seen.behind else seen.rung,
        "seconds": float(outcome.seconds),
        "address": seen.address,
        "port": seen.port,
        "banner": seen.banner,
        "reason": outcome.reason,
        "hint": outcome.hint,
        "behind": {"host": seen.behind, "rung": seen.rung} if seen.behind else None,
        "expected_down": seen.expected_down,
        "at": at,
    }


def _row(seen: Ping) -> list[Any]:
    from stentor.render.style import KIND_STYLES
    from stentor.render.table import Cell

    kind = seen.outcome.kind
    quiet = "quiet" if kind == "skipped" else ""
    says = Cell(seen.detail, "warning" if kind == "ok" and seen.expected_down else quiet)
    spent = "" if not seen.outcome.seconds else _time(seen.outcome.seconds)
    rung = Cell(seen.state, KIND_STYLES.get(kind, "bad"))
    return [Cell(seen.outcome.node, quiet), rung, Cell(spent, quiet), Cell(seen.address, quiet), says]


def _time(seconds: float) -> str:
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"
