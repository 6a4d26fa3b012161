"""``stentor nodes``: the fleet as a table, or one node with where each value came from."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_nodes, expression

if TYPE_CHECKING:
    from stentor.fleet.model import Fleet, Node

EXAMPLES = """
stentor nodes                      every node
stentor nodes crtr                 one node: each value, and where it came from
stentor nodes '@all!@pseudo'       some of them (see docs/selectors.md)
stentor nodes -1 @gpu              only their aliases, a line each
stentor nodes --fold '%state=up'   as one expression, for clush and others
stentor nodes --groups             the groups, and who is in them
stentor nodes --json | jq -r 'select(.type == "node").node'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("-1", "--names", action="store_true", help="only the aliases, a line each")
    form.add_argument("--fold", action="store_true", help="the aliases as one expression: node[1-40]")
    form.add_argument("-g", "--groups", action="store_true", help="the groups, and who is in them")
    form.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    opened = context.fleet(arguments.fleet)
    words = expression(arguments)
    fleet, nodes = opened.data, opened.nodes(words)
    if not arguments.selector and not arguments.names and not arguments.fold:
        nodes = tuple(fleet.nodes.values())  # retired ones are shown, and are in no loop
    single = _single(fleet, arguments.selector)
    if arguments.json:
        _json(arguments, context, fleet, nodes, words, single)
    elif arguments.names:
        context.stdout.writelines(f"{node.alias}\n" for node in nodes)
    elif arguments.fold:
        if nodes:
            from stentor.fleet.fold import nodeset

            context.stdout.write(nodeset(node.alias for node in nodes) + "\n")
    elif arguments.groups:
        _show_groups(context, fleet, {node.alias for node in nodes})
    elif single:
        _detail(arguments, context, fleet, nodes[0], opened.local)
    elif not nodes:
        context.stderr.write("no nodes\n")
    else:
        from stentor.render.fleet import show_nodes

        groups = {node.alias: _of(fleet, node.alias) for node in nodes}
        show_nodes(context.screen(), nodes, groups, opened.local)
    return 0


def _single(fleet: Fleet, words: list[str]) -> bool:
    """Whether one node was asked for by its own name."""
    if len(words) != 1:
        return False
    return words[0] in fleet.nodes or any(node.name == words[0] for node in fleet.nodes.values())


def _of(fleet: Fleet, alias: str) -> list[str]:
    return [name for name, members in fleet.groups.items() if name != "all" and alias in members]


def _show_groups(context: Context, fleet: Fleet, chosen: set[str]) -> None:
    from stentor.fleet.fold import nodeset
    from stentor.render.fleet import show_groups

    rows = []
    for name, members in fleet.groups.items():
        held = [alias for alias in members if alias in chosen]
        rows.append((name, len(held), nodeset(held) if len(held) > 12 else ",".join(held)))
    show_groups(context.screen(), rows)


# ---- one node ----


def _values(fleet: Fleet, node: Node) -> dict[str, Any]:
    """All that the fleet says of a node, with the names of the file's keys."""
    fields = node._asdict()
    fields |= {"requires": list(node.requires), "vars": dict(node.variables)}
    fields |= {"address": list(node.addresses), "groups": _of(fleet, node.alias)}
    fields["gateway"] = list(node.gateways)
    order = (
        "alias name address user port jump gateway role arch groups mac phase migrated state requires vars"
    )
    return {name: fields[name] for name in order.split()}


def _origins(arguments: argparse.Namespace, context: Context, fleet: Fleet, node: Node) -> dict[str, str]:
    """Where each of the fleet's values stands."""
    from stentor.fleet.load import find_and_check

    _, checked = find_and_check(arguments.fleet, environ=context.environ, cwd=os.getcwd())
    fields = _values(fleet, node)
    found = {field: checked.origins.get((node.alias, field), "") for field in fields}
    found = {field: place for field, place in found.items() if place}
    groups = [checked.origins.get((f"@{name}", "group"), "") for name in _of(fleet, node.alias)]
    places = dict.fromkeys(place for place in [*groups, found.get("groups", "")] if place)
    return {**found, **({"groups": "; ".join(places)} if places else {})}


def _effective(context: Context, fleet: Fleet, node: Node) -> dict[str, tuple[str, str]]:
    """What ssh will use, and whose word it is: the fleet's, the user's configuration's, or OpenSSH's own."""
    from stentor.ssh.login import configuration

    said = configuration(fleet, node, context.environ)
    if not said:
        return {}
    bare = node._replace(addresses=(), user=None, port=None, jump=None)
    default = configuration(fleet._replace(ssh_config="/dev/null"), bare, context.environ)
    of_fleet = {
        "hostname": bool(node.addresses),
        "user": bool(node.user),
        "port": bool(node.port),
        "proxyjump": bool(node.jump),
        "proxycommand": bool(node.jump),
    }
    found: dict[str, tuple[str, str]] = {}
    for key in ("hostname", "user", "port", "proxyjump", "proxycommand", "identityfile", "controlpath"):
        value = said.get(key, "none")
        if of_fleet.get(key):
            if value != "none":
                found[key] = value, "fleet"
        elif value != default.get(key, "none"):
            found[key] = value, fleet.ssh_config or "your ssh_config"
        elif key in of_fleet and value != "none":
            found[key] = value, "OpenSSH's default"
    return found


def _detail(
    arguments: argparse.Namespace, context: Context, fleet: Fleet, node: Node, local: str | None
) -> None:
    from stentor.render.fleet import show_effective, show_node

    screen = context.screen()
    origins = _origins(arguments, context, fleet, node)
    below = {field: place.replace(f"{fleet.root}/", "") for field, place in origins.items()}
    show_node(screen, _values(fleet, node), below)
    if node.alias == local:
        screen.print("\nthis is the machine you are on: it is reached without ssh")
    elif effective := _effective(context, fleet, node):
        show_effective(screen, effective)


def _json(
    arguments: argparse.Namespace,
    context: Context,
    fleet: Fleet,
    nodes: tuple[Node, ...],
    expression: str,
    single: bool,
) -> None:
    from stentor.render.json_fleet import NodeEntry, Nodes, Option
    from stentor.render.json_lines import JsonLines

    lines = JsonLines(context.screen(), Nodes(fleet=fleet.root, selector=expression))
    for node in nodes:
        values = _values(fleet, node)
        line = NodeEntry(node=values.pop("alias"), **values)
        if single:
            line.origins = _origins(arguments, context, fleet, node)
            effective = _effective(context, fleet, node)
            line.ssh = {key: Option(value, origin) for key, (value, origin) in effective.items()}
        lines.write(line)
