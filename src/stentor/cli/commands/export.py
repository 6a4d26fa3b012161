"""``stentor export``: write the fleet in the formats of other tools."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.cli.selector import add_nodes, expression, some

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet

EXAMPLES = """
stentor export ansible -o inventory.yaml        every node as an Ansible inventory, with its facts
stentor export ansible @gpu | ansible-inventory -i /dev/stdin --list
stentor export tmux                             a snippet of tmux.conf for @core
stentor export tmux @gpu --key G                another group, on another key
stentor export tmux > ~/.config/tmux/fleet.conf and in tmux.conf: source-file ~/.config/tmux/fleet.conf
"""

VERBS = {
    "ansible": "an inventory in YAML: groups, how nodes are reached, variables, facts",
    "tmux": "a snippet of tmux.conf which needs no stentor",
}


def configure(parser: Parser) -> None:
    """Add the arguments."""
    table = verbs(parser, VERBS)
    add_nodes(table["ansible"])
    table["ansible"].add_argument("-o", "--output", metavar="FILE", help="write to this file in one step")
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
    """Print the file, or write it."""
    from stentor.api.fleet import Fleet

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    return (_ansible if arguments.verb == "ansible" else _tmux)(arguments, context, fleet)


def _tmux(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.api.export import tmux_snippet

    selector = arguments.selector or ("@core" if "core" in fleet.data.groups else "@all")
    name = "cluster" if arguments.selector is None else selector.lstrip("@")
    text = tmux_snippet(fleet.select(selector), name=name, key=arguments.key, sync_key=arguments.sync_key)
    context.stdout.write(text)
    return 0


def _ansible(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.api.export import ansible_inventory
    from stentor.export.ansible import FIRST_LINE

    text = ansible_inventory(some(fleet, expression(arguments)))
    if arguments.output is None:
        context.screen().out(text.encode())
        return 0
    write_output(arguments.output, text, ours=FIRST_LINE, by="stentor export ansible")
    context.stderr.write(f"{arguments.output} was written\n")
    return 0
