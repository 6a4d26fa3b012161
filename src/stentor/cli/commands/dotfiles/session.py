"""One call of a verb: its options, the fleet and the nodes, and where it writes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from stentor.api.dotfiles import Wanted
from stentor.api.fleet import Fleet, Selection
from stentor.api.operations import Terms
from stentor.cli.context import Context
from stentor.cli.displays import displays
from stentor.cli.rollout_options import rollout_options
from stentor.cli.selector import expression
from stentor.cli.showing import carry_out
from stentor.errors import Refused
from stentor.fanout.events import Finished
from stentor.fanout.task import Settings
from stentor.outcome import NOT_REACHED, Outcome, Report, exit_code
from stentor.render.display import Together
from stentor.render.dotfiles import OutcomeLines

if TYPE_CHECKING:
    from stentor.operation.operation import Operation
    from stentor.render.json_fields import Shape


class OutcomeRecords:
    """A display that writes a record of a verb's own for each node that is finished."""

    def __init__(self, write: Callable[[Shape], None], record: Callable[[Outcome], Shape]) -> None:
        self._write = write
        self._record = record

    def show(self, event: object) -> None:
        """Write it."""
        if isinstance(event, Finished):
            self._write(self._record(event.outcome))

    def tick(self, now: float) -> None:
        """Time changes nothing."""

    def end(self, report: Report) -> None:
        """All is written."""


class Session:
    """What every verb needs.

    Args:
        arguments: the options.
        context: streams and environment.
        selector: in place of the one that was typed.
    """

    def __init__(self, arguments: argparse.Namespace, context: Context, selector: str = "") -> None:
        self.arguments = arguments
        self.context = context
        self.screen = context.screen()
        self.selector = selector or expression(arguments)
        self.fleet = Fleet.open(arguments.fleet, environ=context.environ)
        self.selection: Selection = self.fleet.select(self.selector)
        self.terms = Terms(Settings(connect_timeout=arguments.connect_timeout), rollout_options(arguments))
        self._first: dict[str, Any] = {
            "command": f"dotfiles {arguments.verb}",
            "nodes": [node.alias for node in self.selection.nodes],
            "selector": self.selector,
        }
        self._lines = None
        if arguments.json:
            from stentor.cli.displays import operation_lines

            self._lines = operation_lines(self.screen, **self._first)

    @property
    def json(self) -> bool:
        """Whether programs read what is written."""
        return self._lines is not None

    def wanted(self, rev: str | None = None, *, overwrite: Collection[str] = ()) -> Wanted:
        """Return what nodes are to get, by the options.

        Args:
            rev: a revision, in place of ``--rev``.
            overwrite: kinds of conflict that may be overwritten besides those of ``--overwrite``.
        """
        found = vars(self.arguments)
        return Wanted(
            rev or found.get("rev"),
            (*found.get("overwrite", ()), *overwrite),
            found.get("again", False),
            found.get("source"),
            found.get("via"),
        )

    def print(self, lines: Iterable[str]) -> None:
        """Write lines of the result."""
        for line in lines if not self.json else ():
            self.screen.print(line)

    def say(self, line: str) -> None:
        """Write a line that is no result."""
        if not self.json:
            self.screen.say(line)

    def write(self, record: Shape) -> None:
        """Write a record of the result."""
        if self._lines is not None:
            self._lines.write(record)

    def ask(self, question: str, declined: str = "nothing was changed") -> None:
        """Go on only if a person confirms it, or ``--yes`` was given.

        Args:
            question: as it is shown.
            declined: the hint after a no.

        Raises:
            Refused: it was not confirmed, or no person can be asked.
        """
        if self.arguments.yes:
            return
        if self.json or not self.context.interactive():
            raise Refused(
                "not confirmed: no terminal to ask on", hint="check 'stentor dotfiles plan', then use --yes"
            )
        self.screen.err(self.screen.encode(f"{question} [y/N] "))
        if self.context.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Refused("not confirmed", hint=declined)

    def carry_out(self, operation: Operation, record: Callable[[Outcome], Shape] | None = None) -> int:
        """Carry an operation out and show it; return the exit code.

        Args:
            operation: which has not begun.
            record: makes a record of the verb's own, behind each node's ``finished``.
        """
        if self._lines is not None:
            own = [OutcomeRecords(self.write, record)] if record else []
            return carry_out(operation, Together([self._lines, *own]), clock=time.monotonic)
        display = displays(
            self.screen,
            self.context,
            self.arguments,
            self._first,
            groups=self.fleet.data.groups,
            in_waves=True,
        )
        shown = Together([OutcomeLines(self.screen), display])
        return carry_out(operation, shown, clock=time.monotonic, first_tick=1.0)

    def finish(self, outcomes: Iterable[Outcome]) -> int:
        """Write the report of a verb that changed nothing; return the exit code."""
        report = Report(outcomes)
        if self._lines is not None:
            self._lines.end(report)
        else:
            from stentor.render.summary import hints

            away = Report(outcome for outcome in report if outcome.kind in NOT_REACHED)
            for line in hints(away, None, self.screen.width):
                self.say(line)
        return exit_code(report)
