"""``stentor fetch``: a file or directory of many nodes, a folder each."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, cast

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_selector, add_user, some

if TYPE_CHECKING:
    from stentor.api.fleet import Selection
    from stentor.fanout.task import Settings
    from stentor.transfer.change import FetchChange

EXAMPLES = """
stentor fetch @all /etc/os-release releases/    releases/crtr/os-release, releases/prtr/os-release, ...
stentor fetch @gpu '~/logs' logs/               whole directories
stentor fetch -n @gpu '~/logs' logs/            how much it would be
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    add_selector(parser)
    parser.add_argument(
        "source", metavar="SOURCE", help="a file or directory on the nodes; ~ is the home there"
    )
    parser.add_argument(
        "destination", metavar="DESTINATION", help="a directory here; each node gets a folder in it"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say how much it would be")
    add_user(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Fetch; what a node sends replaces that node's older copy only when it is whole."""
    from stentor.api.fleet import Fleet
    from stentor.api.operations import Terms
    from stentor.api.transfer import fetch_operation
    from stentor.cli.displays import carry_out_shown, json_lines
    from stentor.fanout.task import Settings

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = some(fleet, arguments.selector)
    path = _of_the_nodes(arguments.source, context)
    settings = Settings(user=arguments.user)
    if arguments.dry_run:
        return _measure(selection, path, settings, arguments, context)
    operation = fetch_operation(
        selection, path, arguments.destination, Terms(settings), selector=arguments.selector
    )
    change = cast("FetchChange", operation.change)
    screen, command = context.screen(), f"fetch {arguments.source} {arguments.destination}"
    return carry_out_shown(
        operation,
        screen,
        context,
        json_lines(arguments, screen, command, operation.request.nodes, results=True),
        groups=fleet.data.groups,
        more=lambda: f"{change.fetching.received / 1e6:.1f} MB",
        alone=arguments.quiet,
        quiet=arguments.quiet,
    )


def _measure(
    selection: Selection, path: str, settings: Settings, arguments: argparse.Namespace, context: Context
) -> int:
    """Say how much each node would send."""
    from stentor.fanout.collect import collect_in_order
    from stentor.outcome import Report, exit_code
    from stentor.transfer import remote
    from stentor.transfer.copying import explained

    lines = None
    if arguments.json:
        from stentor.render.json_history import Fetch, Measured
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), Fetch(dry_run=True), clock=time.monotonic)
    results = collect_in_order(selection.stream(remote.measure(path), settings), selection.nodes)
    for result in results:
        outcome = explained(result.outcome, result.stderr)
        numbers = [int(word) for word in result.text.split() if word.isdigit()]
        files, kilobytes = numbers if len(numbers) == 2 else (0, 0)
        if lines:
            lines.write(Measured(result.node, result.kind, outcome.reason, files, kilobytes))
        else:
            said = f"{files} files, about {kilobytes} kB" if result.ok else outcome.reason or result.kind
            context.stdout.write(f"{result.node}: {said}\n")
    report = Report(result.outcome for result in results)
    if lines:
        lines.end(report)
    return exit_code(report)


def _of_the_nodes(path: str, context: Context) -> str:
    """Take back what this shell made of ``~``: the home that is meant is the node's."""
    home = context.environ.get("HOME", "").rstrip("/")
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path
