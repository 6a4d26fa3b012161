"""``stentor reap``: clean up what interrupted operations left on their nodes.

``run`` starts this by itself, when it is killed or when it finds that another one was; it is listed
so that it can be started by hand.
"""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import StentorError, UsageError

EXAMPLES = """
stentor reap                 clean up processes left by interrupted runs, and close those runs in the journal
stentor reap @all            also list what copies that were broken off keep on these nodes
stentor reap @all --remove   and remove it; else the next copy of the same goes on with it
"""


def configure(parser: Parser) -> None:
    parser.add_argument("selector", nargs="*", metavar="SELECTOR", help="where to look for partial copies")
    parser.add_argument("--remove", action="store_true", help="remove them")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Finish each interrupted operation; look for partial copies."""
    from stentor.api.reap import reap_operations

    if arguments.remove and not arguments.selector:
        raise UsageError("--remove of which nodes?", hint="stentor reap @all --remove")
    nothing = True
    try:
        for found in reap_operations(context.environ):
            nothing = False
            context.stdout.write(f"operation {found.operation}: {found.node}: {found.remote}\n")
    except StentorError as error:
        if not arguments.selector:
            raise
        context.stderr.write(f"stentor: {error}\n")
    if arguments.selector:
        return _copies(arguments, context)
    if nothing:
        context.screen().say("nothing was left by interrupted operations")
    return 0


def _copies(arguments: argparse.Namespace, context: Context) -> int:
    from stentor import sizes
    from stentor.api.reap import partial_copies
    from stentor.cli.waiting import waiting
    from stentor.outcome import Report, exit_code

    fleet = context.fleet(arguments.fleet)
    selection = fleet.select(",".join(arguments.selector))
    screen = context.screen()
    outcomes = []
    with waiting(screen, context, len(selection.nodes)):
        seen = [*partial_copies(selection, remove=arguments.remove)]
    for found in seen:
        outcomes.append(found.outcome)
        node = found.outcome.node
        if not found.outcome.ok:
            screen.say(f"{node}: not looked at: {found.outcome.reason}")
        for kilobytes, folder in found.folders:
            text = f"{node}: {sizes.shown(kilobytes * 1024)} in {folder}{', removed' * arguments.remove}\n"
            for chunk in screen.shown("stdout", [screen.encode(text)]):
                screen.out(chunk)
    if not any(found.folders for found in seen):
        screen.say("no partial copies")
    return exit_code(Report(outcomes))
