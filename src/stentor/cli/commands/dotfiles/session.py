"""One call of a verb: its options, the fleet and the nodes, and where it writes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from stentor.api.dotfiles import Wanted
from stentor.api.fleet import Fleet, Selection
from stentor.api.operations import Terms
from stentor.cli.context import Context
from stentor.cli.displays import carry_out_shown, json_lines
from stentor.cli.rollout_options import rollout_options
from stentor.cli.selector import expression
from stentor.errors import Refused
from stentor.fanout.task import Settings
from stentor.outcome import NOT_REACHED, Outcome, Report, exit_code
from stentor.render.display import Display
from stentor.render.dotfiles import OutcomeLines, OutcomeRecords

if TYPE_CHECKING:
    from stentor.operation.operation import Operation
    from stentor.render.json_fields import Shape


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
        nodes = [node.alias for node in self.selection.nodes]
        command = f"dotfiles {arguments.verb}"
        self._lines = json_lines(arguments, self.screen, command, nodes, self.selector, results=True)

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
        if not self.context.agreed(question):
            raise Refused("not confirmed", hint=declined)

    def carry_out(self, operation: Operation, record: Callable[[Outcome], Shape] | None = None) -> int:
        """Carry an operation out and show it; return the exit code.

        Args:
            operation: which has not begun.
            record: makes a record of the verb's own, behind each node's ``finished``.
        """
        own: list[Display] = []
        if self._lines is None:
            own = [OutcomeLines(self.screen)]
        elif record is not None:
            own = [OutcomeRecords(self.write, record)]
        return carry_out_shown(
            operation,
            self.screen,
            self.context,
            self._lines,
            groups=self.fleet.data.groups,
            extra=own,
            in_waves=True,
        )

    def finish(self, outcomes: Iterable[Outcome]) -> int:
        """Write the report of a verb that changed nothing; return the exit code."""
        report = Report(outcomes)
        if self._lines is not None:
            self._lines.end(report)
        else:
            from stentor.render.summary import say_hints

            away = Report(outcome for outcome in report if outcome.kind in NOT_REACHED)
            say_hints(self.screen, away)
        return exit_code(report)
