"""``stentor ping``: check how far each node can be reached, without logging in."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch
from stentor.cli.selector import add_connect_timeout, add_nodes

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from stentor.api.fleet import Selection
    from stentor.fanout.context import Ask
    from stentor.probe.ping import Ping

EXAMPLES = """
stentor ping                     every node, all at once
stentor ping @gpu                only these
stentor ping --login             log in, up to a shell
stentor ping --watch             again every 2 seconds, until Ctrl-C
stentor ping --watch 10 | tee log   a line for each change
stentor ping --json | jq -r 'select(.type == "ping" and .level != "up").node'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    parser.add_argument("-l", "--login", action="store_true", help="log in, up to a shell")
    add_connect_timeout(parser, note="; 1 for nodes that are expected down")
    add_watch(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="only the exit code")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.probes import logins, pings
    from stentor.cli.survey import survey
    from stentor.render import ping as view

    def look(selection: Selection, before: Mapping[str, Ping], ask: Ask | None) -> Generator[Ping]:
        limit = arguments.connect_timeout
        if arguments.login:
            yield from logins(selection, connect_timeout=limit, ask=ask)
        else:
            silent = [alias for alias, seen in before.items() if seen.level in ("unreachable", "no-banner")]
            yield from pings(selection, connect_timeout=limit, silent=silent)

    # A probe's reason stands in the table.
    return survey("ping", arguments, context, view, look, hinted=arguments.login)
