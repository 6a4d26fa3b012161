"""``stentor reboot``: one node after the other, each proved to be back before the next."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.selector import some
from stentor.cli.times import seconds

EXAMPLES = """
stentor reboot prtr                  and wait until it is truly back
stentor reboot @gpu                  one after the other; stops at the first that does not come back
stentor reboot @gpu --patience 10m   for nodes that take their time
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")
    parser.add_argument(
        "--patience",
        metavar="TIME",
        type=seconds,
        default=300.0,
        help="until a node must be back (default: 5m)",
    )
    parser.add_argument(
        "--command", metavar="COMMAND", help="what reboots a node (default: the policy's, else shutdown -r)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Reboot each in turn."""
    from stentor.api.fleet import Fleet
    from stentor.api.operations import Terms
    from stentor.api.power import reboot_operation
    from stentor.cli.guarding import confirm_by
    from stentor.cli.power import show_power

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = some(fleet, arguments.selector)
    operation = reboot_operation(
        selection,
        Terms(confirm=confirm_by(context, arguments.yes_really, fleet.data.groups)),
        command=arguments.command or "",
        limit=arguments.patience,
        selector=arguments.selector,
    )
    return show_power(operation, arguments, context, fleet)
