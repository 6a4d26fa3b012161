"""``stentor export``: the fleet as other tools' files."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs

EXAMPLES = """
stentor export tmux                             a snippet of tmux.conf for @core
stentor export tmux @gpu --key G                another group, on another key
stentor export tmux > ~/.config/tmux/fleet.conf and in tmux.conf: source-file ~/.config/tmux/fleet.conf
"""

VERBS = {"tmux": "a snippet of tmux.conf which needs no stentor"}


def configure(parser: Parser) -> None:
    """Add the arguments."""
    table = verbs(parser, VERBS)
    table["tmux"].add_argument("selector", nargs="?", metavar="SELECTOR", help="default: @core, else @all")
    table["tmux"].add_argument(
        "-k", "--key", default="C", help="after the prefix, opens the nodes (default: C)"
    )
    table["tmux"].add_argument(
        "-s",
        "--sync-key",
        default="S",
        metavar="KEY",
        help="after the prefix, synchronised input (default: S)",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Print the file."""
    from stentor.api import Fleet
    from stentor.export.tmux import snippet

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selector = arguments.selector or ("@core" if "core" in fleet.data.groups else "@all")
    nodes = fleet.select(selector).nodes
    name = "cluster" if arguments.selector is None else selector.lstrip("@")
    context.stdout.write(
        snippet(
            fleet.data, nodes, local=fleet.local, name=name, key=arguments.key, sync_key=arguments.sync_key
        )
    )
    return 0
