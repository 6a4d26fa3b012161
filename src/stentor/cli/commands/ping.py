"""``stentor ping``: check how far each node can be reached, without logging in."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch
from stentor.cli.selector import add_connect_timeout, add_nodes

EXAMPLES = """
stentor ping                     every node, all at once
stentor ping @gpu                only these
stentor ping --login             log in, up to a shell
stentor ping --watch             again every 2 seconds, until Ctrl-C
stentor ping --watch 10 | tee log   a line for each change
stentor ping --json | jq -r 'select(.type == "ping" and .level != "up").node'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument("-l", "--login", action="store_true", help="log in, up to a shell")
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    add_watch(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="only the exit code")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.cli.survey.ping import PingSurvey
    from stentor.cli.survey.survey import survey

    return survey(PingSurvey, arguments, context)
