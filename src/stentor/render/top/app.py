"""The screen of ``stentor top``."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import ClassVar, Protocol

from rich.console import JustifyMethod
from rich.text import Text
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Resize
from textual.widgets import DataTable, Footer, Input, Static

from stentor.api.fleet import Selection
from stentor.api.poller import Last, Poller
from stentor.fleet.model import Node
from stentor.probe.columns import Field
from stentor.probe.status import Status
from stentor.render.style import shorten
from stentor.render.top import rows

STYLES = {"good": "green", "bad": "bold red", "warning": "yellow", "quiet": "dim", "": ""}
RIGHT = ("LOAD", "MEM", "DISK", "GPU")
FASTEST, SLOWEST = 1.0, 120.0


class Foreground(Protocol):
    """Gives the terminal to another stentor for a while."""

    def __call__(self, *words: str, wait: bool = False) -> None:
        """Run it.

        Args:
            wait: until the user has read what it said.
        """


class Top(App[None]):
    """Nodes in rows.

    Args:
        lend: gives the terminal to another stentor.
        title: how they were asked for.
        interval: seconds between two looks.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #heading { height: auto; background: $primary; color: $text; padding: 0 1; }
    #detail { height: auto; min-height: 1; max-height: 4; color: $text-muted; padding: 0 1; }
    DataTable { height: 1fr; }
    #help { display: none; height: auto; padding: 0 1; }
    #line { display: none; height: 1; border: none; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("question_mark", "help", "help", key_display="?"),  # a narrow line of keys ends early
        # First of all, so that the keys which follow at once already find the line.
        Binding("slash", "filter", "filter", key_display="/", priority=True),
        Binding("space", "mark", "mark", priority=True),
        Binding("a", "mark_all", "all"),
        Binding("r", "ask_command", "run", priority=True),
        Binding("s", "ssh", "ssh"),
        Binding("t", "tmux", "tmux"),
        Binding("u", "look", "now"),
        Binding("plus,equals_sign", "interval(0.5)", "fast", key_display="+"),
        Binding("minus", "interval(2)", "slow", key_display="-"),
        Binding("escape", "clear", "clear", show=False),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    def __init__(self, selection: Selection, lend: Foreground, *, title: str, interval: float) -> None:
        super().__init__()
        self.wanted = title
        self.lend = lend
        self.known = {node.alias: node for node in selection.nodes}
        self.statuses: dict[str, Status] = {}
        self.done: dict[str, Last] = {}
        self.marked: set[str] = set()
        self.filter = ""
        self.trouble = ""
        self.looking = True
        self.wide = 0  # columns of the terminal
        self.widths: dict[str, int] = {}  # of the columns that are shown
        self.asked = ""  # what the line at the bottom is for: filter or run
        self.resumed = 0.0  # when Ctrl-Z was last followed by fg
        # Left in the queue of messages: a thread that waited for the screen could wait for ever at its end.
        self.survey = Poller(
            selection,
            interval,
            lambda status: self._tell(partial(self.took, status)),
            lambda done, trouble: self._tell(partial(self.round_over, done, trouble)),
        )

    def _tell(self, call: Callable[[], None]) -> None:
        self.call_later(self._while_shown, call)

    def _while_shown(self, call: Callable[[], None]) -> None:
        if self._shown:
            call()

    @property
    def _shown(self) -> bool:
        """Whether the parts are there: messages come also before and after."""
        return all(self.query(part) for part in ("#heading", "#detail", "DataTable"))

    # -- the screen ----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Put the parts below one another."""
        yield Static(id="heading", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=False, cell_padding=1)
        yield Static(rows.HELP, id="help", markup=False)
        yield Static(id="detail", markup=False)
        yield Input(id="line", compact=True)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to look."""
        self.app_resume_signal.subscribe(self, self._drawn_anew)
        self.wide = self.wide or self.size.width
        self._columns()
        self._fill()
        self.table.focus()
        with suppress(ValueError, RuntimeError, NotImplementedError):  # a test's loop may take no signals
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))
        self.survey.start()

    def on_unmount(self) -> None:
        """Stop looking."""
        self.survey.end()

    def on_resize(self, event: Resize) -> None:
        """Give the last column what is there."""
        self.wide = event.size.width  # self.size is still that of before
        if not self._shown:
            return
        here = self.here
        self._columns()
        self._fill(here)

    @property
    def table(self) -> DataTable[Text]:
        """The rows."""
        return self.query_one(DataTable)

    def _columns(self) -> None:
        table = self.table
        table.clear(columns=True)
        table.add_column("", key="mark", width=1)
        self.widths = rows.widths(self.wide - 7)  # without the mark and the edges
        for name, width in self.widths.items():
            label = Text(name, justify="right" if name in RIGHT else "left")
            table.add_column(label, key=name, width=width)

    def _row(self, node: Node) -> tuple[Field, ...]:
        return rows.cells(node, self.statuses.get(node.alias), self.done.get(node.alias), time.time())

    def _texts(self, node: Node, row: tuple[Field, ...]) -> list[Text]:
        texts = [Text("*" if node.alias in self.marked else " ", "bold yellow")]
        for name, field in zip(rows.COLUMNS, row, strict=True):
            if name in self.widths:
                justify: JustifyMethod = "right" if name in RIGHT else "left"
                text = shorten(field.text, self.widths[name])
                texts.append(Text(text, STYLES[field.style], justify=justify, no_wrap=True))
        return texts

    def _fill(self, here: str = "") -> None:
        """Write all rows anew; the cursor stays on its node."""
        table, here = self.table, here or self.here
        table.clear()
        for node in self.known.values():
            row = self._row(node)
            if rows.shown(self.filter, node, row):
                table.add_row(*self._texts(node, row), key=node.alias)
        if here and here in table.rows:
            table.move_cursor(row=table.get_row_index(here), animate=False)
        self._say()

    def _say(self) -> None:
        heading = rows.heading(
            self.wanted,
            self.statuses,
            len(self.known),
            self.survey.interval,
            self.looking,
            [f"{len(self.marked)} marked"] * bool(self.marked)
            + [f"filter: {self.filter}"] * bool(self.filter),
            max(self.wide - 2, 1),
        )
        self.query_one("#heading", Static).update(heading)
        here = self.here
        text = self.trouble or (rows.detail(self.known[here], self.statuses.get(here)) if here else "")
        self.query_one("#detail", Static).update(text)

    @property
    def here(self) -> str:
        """The node under the cursor."""
        table = self.table
        if not table.is_valid_row_index(table.cursor_row):
            return ""
        key = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return key or ""

    def on_data_table_row_highlighted(self) -> None:
        """Say more about this node."""
        self._while_shown(self._say)

    # -- what the survey says ------------------------------------------------------------------

    def took(self, status: Status) -> None:
        """A node was looked at."""
        alias = status.outcome.node
        self.statuses[alias] = status
        self.looking = True
        if not self.filter and alias in self.table.rows:
            node = self.known[alias]
            texts = self._texts(node, self._row(node))
            for name, text in zip(("mark", *self.widths), texts, strict=True):
                self.table.update_cell(alias, name, text)
            self._say()
        else:
            self._fill()

    def round_over(self, done: dict[str, Last], trouble: str) -> None:
        """All were looked at."""
        self.done, self.trouble, self.looking = done, trouble, False
        self._fill()

    # -- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, its letters are no keys."""
        return not (self.asked and action in ("filter", "ask_command", "mark", "interval"))

    async def on_event(self, event: Event) -> None:
        """Drop keys that were typed after Ctrl-Z and before the stop: they are for the shell that follows."""
        if not (isinstance(event, Key) and event.time < self.resumed):
            await super().on_event(event)

    def action_suspend_process(self) -> None:
        """Stop until fg."""
        super().action_suspend_process()  # comes back after fg
        self.resumed = time.monotonic()

    def action_mark(self) -> None:
        """Mark the node under the cursor, or not any more, and go on to the next."""
        if self.here:
            self.marked ^= {self.here}
            self._fill()
            self.table.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all that are seen; none, if all are."""
        seen = {key.value for key in self.table.rows if key.value}
        self.marked = self.marked - seen if seen <= self.marked else self.marked | seen
        self._fill()

    def action_clear(self) -> None:
        """Leave the help or the line, else forget the filter, else the marks."""
        page = self.query_one("#help", Static)
        if page.display:
            page.display = False
        elif self.asked:
            self._leave_line()
        elif self.filter:
            self.filter = ""
        else:
            self.marked = set()
        self._fill()

    def action_help(self) -> None:
        """Say what the keys do, or no longer."""
        page = self.query_one("#help", Static)
        page.display = not page.display

    def action_look(self) -> None:
        """Look now."""
        self.survey.now()

    def action_interval(self, factor: float) -> None:
        """Look more often, or less."""
        self.survey.interval = min(max(self.survey.interval * factor, FASTEST), SLOWEST)
        self.survey.now()
        self._say()

    def action_filter(self) -> None:
        """Ask for words to filter by."""
        self._ask("filter", "words that a row must have; !word: must not", self.filter)

    def action_ask_command(self) -> None:
        """Ask what to run on the marked nodes, or on this one."""
        if targets := self.targets():
            count = f"{len(targets)} nodes" if len(targets) > 1 else targets[0]
            self._ask("run", f"a command for {count}", "")

    def targets(self) -> list[str]:
        """The marked nodes in the fleet's order; if there are none, the one under the cursor."""
        marked = [alias for alias in self.known if alias in self.marked]
        return marked or [self.here] * bool(self.here)

    def action_ssh(self) -> None:
        """Log in to the node under the cursor."""
        if self.here:
            self.foreground("ssh", self.here)

    def action_tmux(self) -> None:
        """Open tmux with a pane for each marked node, or for this one."""
        if targets := self.targets():
            self.foreground("tmux", "open", ",".join(targets))

    # -- the line at the bottom ----------------------------------------------------------------

    def _ask(self, what: str, hint: str, value: str) -> None:
        line = self.query_one("#line", Input)
        self.asked, line.placeholder, line.value = what, hint, value
        line.display = True  # at once: what is not displayed takes no focus
        self.screen.set_focus(line)  # before the next key comes

    def _leave_line(self) -> None:
        self.asked = ""
        self.query_one("#line", Input).display = False
        self.screen.set_focus(self.table)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        if self.asked == "filter":
            self.filter = event.value
            self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what the line is for."""
        asked, text = self.asked, event.value.strip()
        self._leave_line()
        if asked == "run" and text:
            self.foreground("run", ",".join(self.targets()), "--", text, wait=True)

    def _drawn_anew(self, _: object) -> None:
        """After Ctrl-Z and fg: Textual draws only a part of the screen by itself."""
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def foreground(self, *words: str, wait: bool = False) -> None:
        """Give the terminal to another stentor for a while; see :class:`Foreground`."""
        try:
            with self.suspend():
                self.lend(*words, wait=wait)
        except SuspendNotSupported:
            self.trouble = "another program cannot be shown on this terminal"
        self.survey.now()
        self._say()
