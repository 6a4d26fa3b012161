"""``stentor wake``: Wake-on-LAN."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some

EXAMPLES = """
stentor wake prtr                wake a node, by its mac in the fleet file
stentor wake @gpu --via crtr     through a node of the same network
stentor wake -n @gpu             who would be woken, and from where
"""


def configure(parser: Parser) -> None:
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @down")
    parser.add_argument("--via", metavar="NODE", help="send from this node; 'here' for this machine")
    parser.add_argument(
        "--broadcast", metavar="ADDRESS", help="(default: 255.255.255.255 and that of the node's network)"
    )
    parser.add_argument("--port", metavar="N", type=int, default=9, help="UDP port (default: 9)")
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="only list the nodes that would be woken, and from where"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.power import wake_operation
    from stentor.cli.power import show_power

    fleet = context.fleet(arguments.fleet)
    operation = wake_operation(
        some(fleet, arguments.selector),
        via=arguments.via,
        broadcast=arguments.broadcast or "",
        port=arguments.port,
    )
    return show_power(operation, arguments, context, fleet)
