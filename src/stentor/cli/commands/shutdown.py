"""``stentor shutdown``: nodes off, the gateway last."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.selector import some

EXAMPLES = """
stentor shutdown prtr             one node
stentor shutdown @gpu             several: their number has to be typed
stentor shutdown @gpu --yes-really 2
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@self")
    parser.add_argument(
        "--command", metavar="COMMAND", help="what does it (default: the policy's, else shutdown -h)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, then all others, then those that are last."""
    from stentor.api.fleet import Fleet
    from stentor.api.operations import Terms
    from stentor.api.power import shutdown_operation
    from stentor.cli.guarding import confirm_by
    from stentor.cli.power import show_power

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = some(fleet, arguments.selector)
    operation = shutdown_operation(
        selection,
        Terms(confirm=confirm_by(context, arguments.yes_really, fleet.data.groups)),
        command=arguments.command or "",
        selector=arguments.selector,
    )
    return show_power(operation, arguments, context, fleet)
