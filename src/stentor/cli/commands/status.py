"""``stentor status``: show the state of every node in one table."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch
from stentor.cli.selector import add_connect_timeout, add_nodes, add_timeout

EXAMPLES = """
stentor status                   every node
stentor status @gpu --watch 10   these, again every 10 seconds
stentor status --json | jq -r 'select(.type == "status" and .facts.load_per_core > 1).node'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    add_timeout(parser, 15.0, "for the probe on each node")
    add_watch(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.cli.survey.status import StatusSurvey
    from stentor.cli.survey.survey import survey

    return survey(StatusSurvey, arguments, context)
