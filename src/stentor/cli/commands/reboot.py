"""``stentor reboot``: one node after the other, each proved to be back before the next."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.selector import add_selector
from stentor.cli.times import seconds

EXAMPLES = """
stentor reboot prtr                  and wait until it is truly back
stentor reboot @gpu                  one after the other; stops at the first that does not come back
stentor reboot @gpu --patience 10m   for nodes that take their time
stentor reboot -n @all               in which order, and by which command
"""


def configure(parser: Parser) -> None:
    add_selector(parser)
    parser.add_argument(
        "--patience",
        metavar="TIME",
        type=seconds,
        default=300.0,
        help="until a node must be back (default: 5m)",
    )
    parser.add_argument(
        "--command",
        metavar="COMMAND",
        help="the command that reboots a node (default: the policy's, else shutdown -r)",
    )
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="only show the order, and the command for each node"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.power import reboot_operation
    from stentor.cli.power import ask_and_show_power

    return ask_and_show_power(reboot_operation, arguments, context, limit=arguments.patience)
