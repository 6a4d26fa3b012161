"""One call of a command that looks at nodes, asks, and changes them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.displays import carry_out_shown
from stentor.outcome import Outcome, Report, exit_code

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.operation.operation import Operation
    from stentor.render.display import Display
    from stentor.render.json_fields import Shape
    from stentor.render.json_lines import JsonLines


class Call:
    """The options of a call, where it writes, and whom it asks.

    Attributes:
        records: writes JSON Lines; None where people read.
        unasked: what to do where nobody can be asked.
    """

    unasked = "look at it with -n (--dry-run), then use --yes"

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        self.arguments = arguments
        self.context = context
        self.screen = context.screen()
        self.records: JsonLines | None = None

    def print(self, lines: Iterable[str]) -> None:
        """Write lines of the result, for people."""
        for line in lines if self.records is None else ():
            self.screen.print(line)

    def say(self, line: str) -> None:
        """Write a line that is no result, for people."""
        if self.records is None:
            self.screen.say(line)

    def write(self, *records: Shape) -> None:
        """Write records of the result, for programs."""
        if self.records is not None:
            self.records.write(*records)

    def ask(self, question: str, declined: str = "nothing was changed") -> None:
        """Go on only if a person confirms it, or ``--yes`` was given.

        Args:
            declined: the hint after a no.

        Raises:
            Refused: it was not confirmed, or no person can be asked.
        """
        if not self.arguments.yes:
            asks = self.records is None
            self.context.require_yes(question, hint=self.unasked, declined=declined, asks=asks)

    def carry_out(self, operation: Operation, fleet: Fleet, extra: Sequence[Display] = ()) -> int:
        """Carry an operation out and show it; return the exit code."""
        return carry_out_shown(
            operation,
            self.screen,
            self.context,
            self.records,
            groups=fleet.groups,
            extra=extra,
            in_waves=True,
        )

    def finish(self, outcomes: Iterable[Outcome]) -> int:
        """Write the report of a call that changed nothing; return the exit code."""
        report = Report(outcomes)
        if self.records is not None:
            self.records.end(report)
        return exit_code(report)
