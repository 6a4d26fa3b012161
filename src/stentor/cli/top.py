"""``stentor top``: the fleet as it lives, on one screen."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.values import seconds
from stentor.errors import ProgramMissing, Refused

if TYPE_CHECKING:
    from stentor.api import Fleet, Selection

EXAMPLES = """
stentor top              all nodes: load, memory, disk, GPUs, what was done last
stentor top @gpu -i 10s  some, every ten seconds
"""

# Each GPU's load in percent, where there are any; one line, so that it can end the probe.
GPUS = "nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits 2>/dev/null | tr '\\n' ' '"


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "selector", metavar="SELECTOR", nargs="?", default="@all", help="nodes (default: @all)"
    )
    parser.add_argument(
        "-i", "--interval", metavar="TIME", type=seconds, default=5.0, help="between two looks (default: 5s)"
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Show it until q."""
    try:
        import textual  # noqa: F401 - whether it is there
    except ImportError:
        raise ProgramMissing(
            "top needs textual", hint="install stentor with its extra: pip install 'stentor[top]'"
        ) from None
    if not (context.stdin.isatty() and context.stdout.isatty()):
        raise Refused("top needs a terminal", hint="in a script use 'stentor status --json'")
    from stentor.api import Fleet
    from stentor.cli.live import live_sets

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = fleet.select(arguments.selector, live=live_sets(fleet, context))
    app(selection, context, arguments.interval).run()
    return 0


COLUMNS = ("", "NODE", "RUNG", "LOAD", "MEM", "DISK", "GPU", "LAST")


def look(selection: Selection, context: Context) -> dict[str, tuple[str, ...]]:
    """Ask every node once; return the columns behind its name."""
    from stentor.fanout.events import Notice
    from stentor.fanout.task import Settings
    from stentor.probe.status import COMMAND, SCRIPT, survey

    settings = Settings(connect_timeout=3.0, timeout=10.0)
    rows: dict[str, tuple[str, ...]] = {}
    gpus = {}
    aliases = [node.alias for node in selection.nodes]
    for status in survey(selection.stream(COMMAND, settings, stdin=SCRIPT)):
        if isinstance(status, Notice):
            continue
        facts, outcome = status.facts, status.outcome
        disk = facts.fullest if facts else None
        rung = "up" if outcome.ok else outcome.kind
        load = f"{facts.load:.2f}" if facts and facts.load is not None else ""
        memory = f"{facts.memory_percent}%" if facts and facts.memory_percent is not None else ""
        rows[outcome.node] = (rung, load, memory, f"{disk.percent}%" if disk else "")
    up = [node for node in selection.nodes if rows.get(node.alias, ("",))[0] == "up"]
    if up:
        for result in type(selection)(selection.fleet, tuple(up)).run(GPUS, timeout=10):
            gpus[result.node] = " ".join(f"{n}%" for n in result.text.split() if n.isdigit())
    done = last_operations(selection.fleet, context, aliases)
    return {name: (*row, gpus.get(name, ""), done.get(name, "")) for name, row in rows.items()}


def last_operations(fleet: Fleet, context: Context, aliases: list[str]) -> dict[str, str]:
    """What was done last on each node, from the journal."""
    from stentor import journal
    from stentor.journal.query import Filter, history
    from stentor.render.past import first_line

    book = journal.open(context.environ)
    found: dict[str, str] = {}
    for record in history(book, Filter(fleet=fleet.data.root), limit=50):
        for node in record.nodes:
            if node.node in aliases:
                found.setdefault(node.node, f"{node.kind or record.state}: {first_line(record)}")
    book.close()
    return found


def app(selection: Selection, context: Context, interval: float) -> Any:
    """Make the Textual application; it can be driven by its test pilot."""
    from textual.app import App
    from textual.widgets import DataTable, Footer, Input, Static

    class Top(App[None]):
        """The table, a line for what is going on, and an input that comes when it is wanted."""

        TITLE = "stentor top"
        ENABLE_COMMAND_PALETTE = False
        CSS = "DataTable { height: 1fr; } #line { height: auto; max-height: 8; } Input { display: none; }"
        BINDINGS = [  # noqa: RUF012 - Textual's way to name keys
            ("q", "quit", "quit"),
            ("space", "mark", "mark"),
            ("slash", "ask('filter')", "filter"),
            ("r", "ask('run')", "run"),
            ("s", "login", "ssh"),
            ("t", "tmux", "tmux"),
            ("u", "refresh_now", "look again"),
        ]

        def __init__(self) -> None:
            super().__init__()
            self.rows: dict[str, tuple[str, ...]] = {}
            self.marked: set[str] = set()
            self.wanted = ""
            self.asking = ""
            self.busy = False

        def compose(self) -> Any:
            yield DataTable(cursor_type="row")
            yield Static("looking ...", id="line")
            yield Input()
            yield Footer()

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            for column in COLUMNS:
                table.add_column(column, key=column or "mark")
            self.draw()
            self.action_refresh_now()
            self.set_interval(interval, self.action_refresh_now)

        def say(self, text: str) -> None:
            from rich.text import Text

            self.query_one("#line", Static).update(Text(text))

        def draw(self) -> None:
            table = self.query_one(DataTable)
            at = table.cursor_row
            table.clear()
            for node in selection.nodes:
                row = self.rows.get(node.alias, ("...",))
                if self.wanted and self.wanted not in " ".join((node.alias, *row)):
                    continue
                cells = [*row, *[""] * (len(COLUMNS) - 2 - len(row))]
                table.add_row("*" if node.alias in self.marked else "", node.alias, *cells, key=node.alias)
            if table.row_count:
                table.move_cursor(row=min(at, table.row_count - 1))

        def current(self) -> str:
            table = self.query_one(DataTable)
            if not table.row_count:
                return ""
            return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)

        def action_refresh_now(self) -> None:
            if not self.busy:
                self.busy = True
                self.run_worker(self._look, thread=True, exclusive=True, group="look")

        def _look(self) -> None:
            try:
                rows = look(selection, context)
            finally:
                self.busy = False
            self.call_from_thread(self._looked, rows)

        def _looked(self, rows: dict[str, tuple[str, ...]]) -> None:
            self.rows = rows
            up = sum(row[0] == "up" for row in rows.values())
            if not self.asking:
                self.say(
                    f"{up} of {len(selection.nodes)} up"
                    + (f", {len(self.marked)} marked" if self.marked else "")
                )
            self.draw()

        def action_mark(self) -> None:
            self.marked ^= {self.current()} - {""}
            self.draw()

        def action_ask(self, what: str) -> None:
            self.asking = what
            field = self.query_one(Input)
            field.placeholder = "show only rows with" if what == "filter" else f"run on {self.targets()}"
            field.value = self.wanted if what == "filter" else ""
            field.styles.display = "block"
            field.focus()

        def targets(self) -> str:
            return (
                ",".join(node.alias for node in selection.nodes if node.alias in self.marked)
                or self.current()
            )

        def on_input_submitted(self, event: Any) -> None:
            event.input.styles.display = "none"
            self.query_one(DataTable).focus()
            what, self.asking = self.asking, ""
            if what == "filter":
                self.wanted = event.value
                self.draw()
            elif event.value:
                self.outside("run", "--gather", self.targets(), event.value, wait=True)
                self.action_refresh_now()

        def on_key(self, event: Any) -> None:
            if event.key == "escape" and self.asking:
                self.asking = ""
                self.query_one(Input).styles.display = "none"
                self.query_one(DataTable).focus()

        def action_login(self) -> None:
            self.outside("ssh", self.current())

        def action_tmux(self) -> None:
            self.outside("tmux", "open", self.targets())

        def outside(self, *words: str, wait: bool = False) -> None:
            """Run a stentor command in the terminal, with its guard and journal; the screen is put aside."""
            import subprocess

            argv = [sys.executable, "-m", "stentor", "--fleet", selection.fleet.data.root, *words]
            with self.suspend():
                os.system("clear")  # noqa: S605 - the terminal's own
                subprocess.run(argv, env=dict(context.environ), check=False)
                if wait:
                    sys.stderr.write("press Enter to go back to top ")
                    sys.stderr.flush()
                    sys.stdin.readline()

    return Top()
