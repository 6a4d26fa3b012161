"""``stentor shutdown``: nodes off, the gateway last."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.guarding import add_guard
from stentor.cli.selector import add_selector

EXAMPLES = """
stentor shutdown prtr             one node
stentor shutdown @gpu             several: their number has to be typed
stentor shutdown @gpu --yes-really 2
stentor shutdown -n @all          in which order, and by which command
"""


def configure(parser: Parser) -> None:
    add_selector(parser)
    parser.add_argument(
        "--command",
        metavar="COMMAND",
        help="the command that shuts a node down (default: the policy's, else shutdown -h)",
    )
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="only show the order, and the command for each node"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, then all others, then those that are last."""
    from stentor.api.power import shutdown_operation
    from stentor.cli.power import ask_and_show_power

    return ask_and_show_power(shutdown_operation, arguments, context)
