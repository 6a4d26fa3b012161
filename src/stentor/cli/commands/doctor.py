"""``stentor doctor``: why a command is not found, and what else is wrong with a node."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, cast

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_connect_timeout, add_max_output, add_nodes, expression, named
from stentor.cli.times import count
from stentor.errors import SelectorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from stentor.api.fleet import Fleet, Selection
    from stentor.fanout.events import Progress
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.fixes import Offer
    from stentor.probe.fixing import FixChange, RestoreChange
    from stentor.render.screen import Screen

EXAMPLES = """
stentor doctor                 every node: what is wrong, why, and the line that fixes it
stentor doctor crtr uv         why this command is not found there
stentor doctor crtr --shells   how each kind of shell comes up there, and which files it reads
stentor doctor crtr --fix      offer the safe fixes one by one; a snapshot on the node can undo them
stentor doctor --undo 17       undo what operation 17 fixed
stentor doctor --json | jq -r 'select(.type == "doctor") | .node as $n | .findings[] | "\\($n): \\(.what)"'
"""


def configure(parser: Parser) -> None:
    parser.usage = "stentor doctor [options] [SELECTOR ...]\n       stentor doctor [options] SELECTOR COMMAND"
    add_nodes(parser)
    add = parser.add_argument
    add(
        "-s",
        "--shells",
        action="store_true",
        help="show the shells of every node, not only of those with faults",
    )
    add_connect_timeout(parser)
    add_max_output(parser)
    add(
        "--shell-timeout",
        type=count,
        default=8,
        metavar="SECONDS",
        help="a shell that takes longer to start is reported as hanging (default: 8)",
    )
    add("-x", "--fix", action="store_true", help="offer the safe fixes one by one (never in start-up files)")
    add("-y", "--yes", action="store_true", help="with --fix: do all of them, without questions")
    add("--undo", metavar="ID", help="put back what an earlier --fix changed: a number of 'stentor history'")
    add("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.yes and not arguments.fix and arguments.undo is None:
        raise UsageError("--yes belongs to --fix", hint="stentor doctor NODE --fix --yes")
    if arguments.fix and not arguments.yes and (arguments.json or not context.interactive()):
        raise UsageError("--fix asks before each fix, and nobody can answer here", hint="add --yes")
    if arguments.fix and arguments.undo is not None:
        raise UsageError("--fix and --undo at once", hint="undo first, then look what is left to fix")
    fleet = context.fleet(arguments.fleet)
    if arguments.undo is not None:
        return _undo(arguments, context, fleet, expression(arguments) if arguments.selector else None)
    words, origin = expression(arguments), ""
    if arguments.fix:
        words, origin = named(arguments.selector, fleet, "stentor doctor --fix", asks=not arguments.yes)
    try:
        selection = fleet.select(words)
    except SelectorError as error:
        if len(arguments.selector) < 2 or arguments.fix or _near_a_node(arguments.selector[-1], fleet):
            from stentor.cli import habits

            error.hint = habits.nodes_first("doctor", arguments.selector, fleet.data.nodes) or error.hint
            raise
        return _command(arguments, context, fleet)
    screen = context.screen()
    if origin:
        screen.say(f"stentor: {origin}")
    if not selection.nodes:
        from stentor.cli.displays import no_nodes

        return no_nodes(arguments, screen, "doctor", words)
    return _Run(arguments, context, selection, screen, words).code()


def _near_a_node(word: str, fleet: Fleet) -> bool:
    """Whether a word is more likely a misspelt node than a command."""
    from stentor.fleet.suggest import closest

    return word[:1] in "@%" or bool(closest(word, [*fleet.data.nodes]))


def _command(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    """``doctor NODE COMMAND``: say why this command is not found there; return the exit code."""
    from stentor.api.fleet import Fleet as Opened

    *words, command = arguments.selector
    selector = ",".join(words)
    asked = [node._replace(requires=(command,)) for node in fleet.select(selector).nodes]
    screen = context.screen()
    if not asked:
        from stentor.cli.displays import no_nodes

        return no_nodes(arguments, screen, "doctor", selector)
    nodes = {**fleet.data.nodes, **{node.alias: node for node in asked}}
    fleet = Opened(fleet.data._replace(nodes=nodes), environ=context.environ, engine=fleet.engine)
    selection = fleet.select(",".join(node.alias for node in asked))
    return _Run(arguments, context, selection, screen, selector, command).code()


def _undo(arguments: argparse.Namespace, context: Context, fleet: Fleet, words: str | None) -> int:
    from stentor.api.doctor import undo_operation
    from stentor.cli.displays import carry_out_shown, json_lines
    from stentor.render.doctor import UndoView

    operation = undo_operation(
        fleet, arguments.undo, terms_of(arguments, context, fleet.groups), selector=words
    )
    nodes = operation.request.nodes
    screen = context.screen()
    records = json_lines(arguments, screen, "doctor", nodes, ",".join(nodes))
    view = UndoView(screen, records, cast("RestoreChange", operation.change).answers)
    code = carry_out_shown(operation, screen, context, records, extra=[view])
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
        command: str = "",
    ) -> None:
        from stentor.cli.displays import json_lines, progress_wanted
        from stentor.render.doctor import DoctorView
        from stentor.render.survey import Survey

        self.command = command
        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.screen = screen
        nodes = [node.alias for node in selection.nodes]
        self.records = json_lines(arguments, screen, "doctor", nodes, words)
        self.survey: Survey[Diagnosis] = Survey(
            screen,
            DoctorView(all_shells=arguments.shells),
            selection,
            self.examine,
            lines=self.records,
            live=progress_wanted(screen, context),
        )
        self.fixed: set[tuple[str, str]] = set()

    def code(self) -> int:
        """Do it, and return the exit code."""
        from stentor.probe.doctor import code_of

        survey = self.survey
        try:
            survey.look()
        except KeyboardInterrupt:
            return survey.interrupted()
        if not self.records:
            survey.show()
        if self.arguments.fix:
            self.fix(survey.now)
        code = code_of(survey.now.values(), self.fixed)
        if self.records:
            self.records.report(survey.report, code=code, seconds=survey.seconds)
        return code

    def examine(self, _: Mapping[str, Diagnosis]) -> Generator[Diagnosis | Progress]:
        """Examine every node once."""
        from stentor.api.doctor import examine
        from stentor.probe.doctor import about

        for seen in examine(
            self.selection,
            connect_timeout=self.arguments.connect_timeout,
            shell_timeout=self.arguments.shell_timeout,
            trace=self.arguments.shells,
            ask=None if self.arguments.json else self.context.asking(self.screen),
        ):
            yield about(seen, self.command) if self.command else seen

    def fix(self, found: Mapping[str, Diagnosis]) -> None:
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
                self.screen.say("--fix has nothing to do here; the lines after 'fix' are for you to run")
            return
        while rest and not self.wanted(rest[0]):
            rest.pop(0)
        if rest:
            self.carry_out(rest)

    def carry_out(self, wanted: list[Offer]) -> None:
        """Do the first of these fixes, and ask for each of the others."""
        from stentor.api.doctor import fix_operation, undo_command
        from stentor.cli.displays import displays
        from stentor.cli.showing import carry_out
        from stentor.operation.signals import raising
        from stentor.render.doctor import FixView

        first = wanted[0]

        def ask(offer: Offer) -> bool:
            with raising():  # Ctrl-C at the question ends it at once
                return offer is first or self.wanted(offer)

        fleet = self.selection.fleet
        terms = terms_of(self.arguments, self.context, fleet.groups)
        operation = fix_operation(fleet, wanted, terms, wanted=ask)
        results = cast("FixChange", operation.change).results
        view = FixView(self.screen, self.records, results, lambda: undo_command(operation))
        # No progress line: it would stand where the questions are.
        display = displays(self.screen, self.context, (), self.records, extra=[view])
        carry_out(operation, display, clock=time.monotonic)
        self.fixed = {(result.node, result.key) for result in results if result.kind == "ok"}

    def wanted(self, offer: Offer) -> bool:
        """Ask; anything but yes is no."""
        return self.arguments.yes or self.context.agreed(f"{offer.node}: {offer.fix.title}?")
