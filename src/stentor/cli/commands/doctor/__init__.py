"""``stentor doctor``: what stands between a command and a node's shells, with its proof and its mend."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.cli.times import count

EXAMPLES = """
stentor doctor                 every node: what is wrong, why, and the line that mends it
stentor doctor crtr --shells   how each kind of shell comes up there, and which files it reads
stentor doctor crtr --fix      offer the safe mends one by one; a snapshot on the node has the way back
stentor doctor --undo 17       put back what operation 17 mended
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
        "-x", "--fix", action="store_true", help="offer the safe mends one by one (never in start-up files)"
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
    from stentor.cli.commands.doctor.visit import Visit
    from stentor.errors import UsageError

    if arguments.yes and not arguments.fix:
        raise UsageError("--yes belongs to --fix", hint="stentor doctor --fix --yes")
    if arguments.fix and not arguments.yes and (arguments.json or not context.interactive()):
        raise UsageError("--fix asks before each mend, and nobody can answer here", hint="add --yes")
    words = expression(arguments)
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    if arguments.undo is not None:
        from stentor.cli.commands.doctor.undoing import undo

        if arguments.fix:
            raise UsageError("--fix and --undo at once", hint="undo first, then look what is left to mend")
        return undo(arguments, context, fleet, words if arguments.selector else None)
    selection = fleet.select(words)
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    return Visit(arguments, context, selection, screen, words).run()
