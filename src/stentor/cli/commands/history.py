"""``stentor history``: what was done."""

from __future__ import annotations

import argparse
import time

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.times import count, moment
from stentor.errors import FleetError, SelectorError

EXAMPLES = """
stentor history                          the latest operations, the newest first
stentor history --node prtr              those in which a node took part
stentor history --outcome failed         those in which something failed
stentor history --since 2h --command apt
stentor history --json -n 1000           for programs
"""


def configure(parser: Parser) -> None:
    from stentor.outcome import KINDS

    parser.add_argument("-n", "--limit", metavar="N", type=count, default=20, help="how many (default: 20)")
    parser.add_argument("--node", metavar="SELECTOR", help="at least one of these nodes took part")
    parser.add_argument("--selector", metavar="SELECTOR", default="", help="with exactly this selector")
    parser.add_argument("--command", metavar="TEXT", default="", help="with this in the command")
    parser.add_argument(
        "--outcome",
        metavar="KIND",
        default="",
        choices=("failed", "unreachable", "missing", "not-ok", *KINDS),
        help="a node came out like this: ok, not-ok, failed, unreachable, missing, timed-out, ...",
    )
    parser.add_argument(
        "--kind", metavar="COMMAND", action="append", default=[], help="of this command: run, dotfiles"
    )
    parser.add_argument("--since", metavar="TIME", help="not before: 2h, 3d, 12:30, 2025-10-21")
    parser.add_argument("--until", metavar="TIME", help="not after")
    parser.add_argument("--here", action="store_true", help="of this fleet only")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.history import past_operations
    from stentor.journal.query import Filter
    from stentor.render import history as past

    now = time.time()
    nodes, fleet = _where(arguments, context)
    wanted = Filter(
        nodes=nodes,
        outcome=arguments.outcome,
        selector=arguments.selector,
        command=arguments.command,
        kinds=tuple(arguments.kind),
        since=moment(arguments.since, now) if arguments.since else None,
        until=moment(arguments.until, now) if arguments.until else None,
        fleet=fleet,
    )
    records = past_operations(context.environ, wanted, arguments.limit)
    screen = context.screen()
    if arguments.json:
        from stentor.render.json_history import History
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(screen, History())
        lines.write(*(past.record_of(record, output=False) for record in records))
        return 0
    if not records:
        some = "no operation yet" if wanted == Filter() else "no such operation"
        screen.say(f"the journal has {some}")
        return 0
    past.show_listing(screen, records, now)
    return 0


def _where(arguments: argparse.Namespace, context: Context) -> tuple[tuple[str, ...], str]:
    """The nodes that are meant, and the fleet; a node that is no longer in the fleet is found by its name."""
    if not arguments.node and not arguments.here:
        return (), ""
    try:
        fleet = context.fleet(arguments.fleet)
    except FleetError:
        if arguments.here:
            raise
        return tuple(arguments.node.split(",")), ""
    root = fleet.data.root if arguments.here else ""
    if not arguments.node:
        return (), root
    try:
        return tuple(node.alias for node in fleet.select(arguments.node).nodes), root
    except SelectorError:
        if not arguments.node.replace(",", "").replace("-", "").replace("_", "").isalnum():
            raise
        return tuple(arguments.node.split(",")), root
