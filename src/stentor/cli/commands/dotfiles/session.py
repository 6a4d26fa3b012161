"""One call of a verb: its options, the fleet and the nodes, and where it writes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from stentor.api.dotfiles import Wanted
from stentor.api.fleet import Selection
from stentor.cli.call import Call
from stentor.cli.context import Context
from stentor.cli.displays import json_lines
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import Named, expression, named, some
from stentor.cli.waiting import waiting
from stentor.errors import UsageError
from stentor.outcome import NOT_REACHED, Outcome, Report
from stentor.render.display import Display
from stentor.render.summary import OutcomeLines, OutcomeRecords

if TYPE_CHECKING:
    from stentor.operation.operation import Operation
    from stentor.render.json_fields import Shape


def _answer(text: str) -> tuple[str, str]:
    name, equals, answer = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--prompt takes TEXT=ANSWER, not '{text}'", hint="TEXT is what the template asks")
    return name, answer


class Session(Call):
    """What every verb needs.

    Args:
        selector: in place of the one that was typed.
    """

    unasked = "check 'stentor dotfiles plan', then use --yes"

    def __init__(self, arguments: argparse.Namespace, context: Context, selector: str = "") -> None:
        super().__init__(arguments, context)
        self.fleet = context.fleet(arguments.fleet)
        self.selector, self._origin = Named(selector) if selector else self._nodes()
        if "file" in vars(arguments):  # of one node
            adopt = ("dotfiles adopt", (arguments.file,))
            self.selection: Selection = some(self.fleet, self.selector, before=adopt)
        else:
            self.selection = self.fleet.select(self.selector)
        self.terms = terms_of(arguments, context, self.fleet.groups)
        nodes = [node.alias for node in self.selection.nodes]
        command = f"dotfiles {arguments.verb}"
        self.records = json_lines(arguments, self.screen, command, nodes, self.selector, results=True)

    def waiting(self) -> AbstractContextManager[None]:
        """Show how long nodes have been asked, in a block that writes nothing."""
        return waiting(self.screen, self.context, len(self.selection.nodes))

    def _nodes(self) -> Named:
        found, verb = vars(self.arguments), self.arguments.verb
        action = found.get("action", "")
        changes = action != "status" if action else verb not in ("status", "plan")
        if not changes or found.get("dry_run"):
            return Named(expression(self.arguments))
        asks = verb not in ("timer", "confirm", "revert") and not (self.arguments.yes or self.arguments.json)
        command = " ".join(filter(None, ("stentor dotfiles", verb, action)))
        return named(self.arguments.selector, self.fleet, command, asks=asks)

    @property
    def json(self) -> bool:
        """Whether programs read what is written."""
        return self.records is not None

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
            found.get("reinit", False) or found.get("verb") == "init",
            dict(_answer(text) for text in found.get("prompt", ())),
            tuple(found.get("exclude", ())),
        )

    def ask(self, question: str, declined: str = "nothing was changed") -> None:
        """Ask as :meth:`Call.ask`, and say where the nodes are from if none was named."""
        super().ask(f"{self._origin}: {question}" if self._origin else question, declined)

    def bring(self, operation: Operation, record: Callable[[Outcome], Shape] | None = None) -> int:
        """Carry an operation out and show it; return the exit code.

        Args:
            record: makes a record of the verb's own, behind each node's ``finished``.
        """
        own: list[Display] = []
        if not self.json:
            own = [OutcomeLines(self.screen)]
        elif record is not None:
            own = [OutcomeRecords(self.write, record)]
        return self.carry_out(operation, self.fleet, own)

    def finish(self, outcomes: Iterable[Outcome]) -> int:
        """Write the report of a verb that changed nothing; return the exit code."""
        report = Report(outcomes)
        if not self.json:
            from stentor.render.summary import say_hints, say_interrupted

            away = Report(outcome for outcome in report if outcome.kind in NOT_REACHED)
            say_hints(self.screen, away)
            if missing := [outcome.node for outcome in report if outcome.kind == "cancelled"]:
                say_interrupted(self.screen, missing, self.fleet.groups)
        return super().finish(report)
