"""``stentor export``: write the fleet in the formats of other tools."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.cli.selector import add_nodes, expression, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet
    from stentor.fleet.model import Node

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
    from stentor.export.tmux import snippet

    selector = arguments.selector or ("@core" if "core" in fleet.data.groups else "@all")
    nodes = fleet.select(selector).nodes
    name = "cluster" if arguments.selector is None else selector.lstrip("@")
    context.stdout.write(
        snippet(
            fleet.data, nodes, local=fleet.local, name=name, key=arguments.key, sync_key=arguments.sync_key
        )
    )
    return 0


def _ansible(arguments: argparse.Namespace, context: Context, fleet: Fleet) -> int:
    from stentor.export.ansible import FIRST_LINE, Known, inventory

    nodes = some(fleet, expression(arguments)).nodes
    by_name = _by_name(fleet, [node for node in nodes if node.addresses and node.alias != fleet.local])
    known = {alias: Known(*dated) for alias, dated in fleet.dated_facts().items()}
    text = inventory(fleet.data, nodes, known, local=fleet.local, by_name=by_name)
    if arguments.output is None:
        context.screen().out(text.encode())
        return 0
    write_output(arguments.output, text, ours=FIRST_LINE, by="stentor export ansible")
    context.stderr.write(f"{arguments.output} was written\n")
    return 0


def _by_name(fleet: Fleet, nodes: Sequence[Node]) -> set[str]:
    """The nodes whose ssh configuration differs between alias and address."""
    from stentor.export.ansible import addressed
    from stentor.probe.places import run_programs
    from stentor.ssh.target import destination

    asked = [words(fleet.data, node) for node in nodes for words in (destination, addressed)]
    said = run_programs([["ssh", "-G", *words] for words in asked], fleet.environ)
    told = [_comparable(text) for text in said]
    return {
        node.alias
        for node, by_alias, by_address in zip(nodes, told[::2], told[1::2], strict=True)
        if by_alias != by_address
    }


def _comparable(said: str) -> dict[str, str]:
    """What ``ssh -G`` printed, without the fields that contain the name."""
    from stentor.ssh.target import parse_config

    found, _ = parse_config(said)
    return {key: value for key, value in found.items() if key not in ("host", "controlpath")}
