"""``stentor doctor``: why a command is not found, and what else is wrong with a node."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, cast

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.cli.times import count
from stentor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stentor.api.fleet import Fleet, Selection
    from stentor.api.operations import Terms
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.fixes import Offer
    from stentor.probe.fixing import FixChange, RestoreChange
    from stentor.render.screen import Screen

EXAMPLES = """
stentor doctor                 every node: what is wrong, why, and the line that fixes it
stentor doctor crtr --shells   how each kind of shell comes up there, and which files it reads
stentor doctor crtr --fix      offer the safe fixes one by one; a snapshot on the node can undo them
stentor doctor --undo 17       undo what operation 17 fixed
stentor doctor --json | jq -r 'select(.type == "doctor") | .node as $n | .findings[] | "\\($n): \\(.what)"'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument(
        "-s",
        "--shells",
        action="store_true",
        help="show the shells of every node, not only of those with faults",
    )
    add_connect_timeout(parser)
    parser.add_argument(
        "--shell-timeout",
        type=count,
        default=8,
        metavar="SECONDS",
        help="until a shell which does not come up is said to hang (default: 8)",
    )
    parser.add_argument(
        "-x", "--fix", action="store_true", help="offer the safe fixes one by one (never in start-up files)"
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="with --fix: do all of them, without questions"
    )
    parser.add_argument(
        "--undo", metavar="ID", help="put back what an earlier --fix changed: a number of 'stentor history'"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.api.fleet import Fleet

    if arguments.yes and not arguments.fix:
        raise UsageError("--yes belongs to --fix", hint="stentor doctor --fix --yes")
    if arguments.fix and not arguments.yes and (arguments.json or not context.interactive()):
        raise UsageError("--fix asks before each fix, and nobody can answer here", hint="add --yes")
    if arguments.fix and arguments.undo is not None:
        raise UsageError("--fix and --undo at once", hint="undo first, then look what is left to fix")
    words = expression(arguments)
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    if arguments.undo is not None:
        return _undo(arguments, context, fleet, words if arguments.selector else None)
    selection = fleet.select(words)
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    return _Run(arguments, context, selection, screen, words).code()


def _terms(arguments: argparse.Namespace) -> Terms:
    from stentor.api.operations import Terms
    from stentor.fanout.task import Settings

    return Terms(Settings(connect_timeout=arguments.connect_timeout))


def _undo(arguments: argparse.Namespace, context: Context, fleet: Fleet, words: str | None) -> int:
    from stentor.api.doctor import undo_operation
    from stentor.cli.displays import records_for, result_displays
    from stentor.cli.showing import carry_out
    from stentor.render.doctor import UndoView

    operation = undo_operation(fleet, arguments.undo, _terms(arguments), selector=words)
    nodes = operation.request.nodes
    screen = context.screen()
    records = records_for(arguments, screen, "doctor", nodes, ",".join(nodes))
    view = UndoView(screen, records, cast("RestoreChange", operation.change).answers)
    code = carry_out(
        operation, result_displays(screen, context, nodes, records, [view]), clock=time.monotonic
    )
    if records:
        records.report(operation.report, code=code)
    return code


class _Run:
    """One run: examine, show, fix."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        screen: Screen,
        words: str,
    ) -> None:
        from stentor.cli.displays import records_for

        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.screen = screen
        self.nodes = [node.alias for node in selection.nodes]
        self.records = records_for(arguments, screen, "doctor", self.nodes, words)
        self.fixed: set[tuple[str, str]] = set()

    def code(self) -> int:
        """Do it, and return the exit code."""
        from stentor.probe.doctor import code_of

        started = time.monotonic()
        found = self.examined(started)
        seconds = time.monotonic() - started
        if not self.records:
            self.show(found, seconds)
        if self.arguments.fix:
            self.fix(found)
        code = code_of(found.values(), self.fixed)
        if self.records:
            self.records.report((d.outcome for d in found.values()), code=code, seconds=seconds)
        return code

    def examined(self, started: float) -> dict[str, Diagnosis]:
        """Examine the nodes, and say while it goes on who is still waited for."""
        from stentor.render.doctor import doctor_record
        from stentor.render.progress import progress

        live = self.screen.live_err and not self.context.environ.get("CI")
        found: dict[str, Diagnosis] = {}
        try:
            for diagnosis in self.diagnoses():
                found[diagnosis.outcome.node] = diagnosis
                if self.records:
                    self.records.write(doctor_record(diagnosis))
                elif live:
                    waiting = [alias for alias in self.nodes if alias not in found]
                    bad = sum(d.outcome.kind not in ("ok", "skipped") for d in found.values())
                    taken, width = time.monotonic() - started, self.screen.width - 1
                    self.screen.draw(progress(len(self.nodes), len(found), bad, waiting, taken, width))
        finally:
            self.screen.erase()
        return {alias: found[alias] for alias in self.nodes}

    def diagnoses(self) -> Iterator[Diagnosis]:
        """Each node's diagnosis as it comes; notices go to stderr."""
        from stentor.api.doctor import examine
        from stentor.fanout.events import Progress
        from stentor.render.notices import text

        for diagnosis in examine(
            self.selection,
            connect_timeout=self.arguments.connect_timeout,
            shell_timeout=self.arguments.shell_timeout,
            trace=self.arguments.shells,
            ask=None if self.arguments.json else self.context.asking(self.screen),
        ):
            if isinstance(diagnosis, Progress):
                place = f"{diagnosis.node}: " if diagnosis.node else ""
                self.screen.say(f"stentor: {place}{text(diagnosis)}")
            else:
                yield diagnosis

    def show(self, found: dict[str, Diagnosis], seconds: float) -> None:
        """Each node with its findings, and the sum."""
        from stentor.outcome import Report
        from stentor.render.doctor import counted, pages
        from stentor.render.summary import duration, hints

        pages(self.screen, found, all_shells=self.arguments.shells)
        nodes = f"{len(found)} node{'' if len(found) == 1 else 's'}"
        self.screen.say(f"{nodes}: {counted(found.values())}, in {duration(seconds)}")
        report = Report(diagnosis.outcome for diagnosis in found.values())
        for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
            self.screen.say(line)

    def fix(self, found: dict[str, Diagnosis]) -> None:
        """Offer the safe fixes; the operation begins with the first that is wanted."""
        from stentor.probe.fixing import offers
        from stentor.render.doctor import tell_blocked

        every = offers(found.values())
        for offer in every:
            if offer.blocker:
                tell_blocked(self.screen, self.records, offer)
        rest = [offer for offer in every if not offer.blocker]
        if not rest:
            if not self.records:
                self.screen.say("nothing that --fix can fix")
            return
        while rest and not self.wanted(rest[0]):
            rest.pop(0)
        if rest:
            self.carry_out(rest)

    def carry_out(self, wanted: list[Offer]) -> None:
        """Do the first of these fixes, and ask for each of the others."""
        from stentor.api.doctor import fix_operation, undo_command
        from stentor.cli.displays import result_displays
        from stentor.cli.showing import carry_out
        from stentor.operation.signals import raising
        from stentor.render.doctor import FixView

        first = wanted[0]

        def ask(offer: Offer) -> bool:
            with raising():  # Ctrl-C at the question ends it at once
                return offer is first or self.wanted(offer)

        operation = fix_operation(self.selection.fleet, wanted, _terms(self.arguments), wanted=ask)
        results = cast("FixChange", operation.change).results
        view = FixView(self.screen, self.records, results, lambda: undo_command(operation))
        # No progress line: it would stand where the questions are.
        display = result_displays(self.screen, self.context, (), self.records, [view])
        carry_out(operation, display, clock=time.monotonic)
        self.fixed = {(result.node, result.key) for result in results if result.kind == "ok"}

    def wanted(self, offer: Offer) -> bool:
        """Ask; anything but yes is no."""
        if self.arguments.yes:
            return True
        self.context.stderr.write(f"{offer.node}: {offer.fix.title}? [y/N] ")
        self.context.stderr.flush()
        return self.context.stdin.readline().strip().lower() in ("y", "yes")
