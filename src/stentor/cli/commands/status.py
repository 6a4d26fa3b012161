"""``stentor status``: show the state of every node in one table."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch
from stentor.cli.selector import add_connect_timeout, add_max_output, add_nodes, add_timeout, limits

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from stentor.api.fleet import Selection
    from stentor.fanout.context import Ask
    from stentor.fanout.events import Progress
    from stentor.probe.status import Status

EXAMPLES = """
stentor status                   every node
stentor status @gpu --watch 10   these, again every 10 seconds
stentor status --json | jq -r 'select(.type == "status" and .facts.load_per_core > 1).node'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    add_timeout(parser, 15.0, "for the probe on each node")
    add_max_output(parser)
    add_watch(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.probes import statuses
    from stentor.cli.survey import survey
    from stentor.render import status as view

    def look(selection: Selection, _: Mapping[str, Status], ask: Ask | None) -> Generator[Status | Progress]:
        yield from statuses(selection, limits(arguments), ask=ask)

    return survey("status", arguments, context, view, look)
