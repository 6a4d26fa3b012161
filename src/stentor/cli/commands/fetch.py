"""``stentor fetch``: files and directories of many nodes, a folder each."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, cast

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_selector, add_user, some
from stentor.cli.times import bytes_
from stentor.errors import UsageError, filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Selection
    from stentor.fanout.task import Settings
    from stentor.outcome import Outcome
    from stentor.transfer.change import FetchChange

EXAMPLES = """
stentor fetch @all /etc/os-release releases/    releases/crtr/os-release, releases/prtr/os-release, ...
stentor fetch @gpu '~/logs' logs/               whole directories
stentor fetch @all /etc/hosts '/var/log/*.log' logs/   several, and patterns of the nodes' shells
stentor fetch -n @gpu '~/logs' logs/            how much would be fetched
"""


def configure(parser: Parser) -> None:
    parser.usage = "stentor fetch [options] SELECTOR SOURCE... DESTINATION"
    add_selector(parser)
    parser.add_argument(
        "paths",
        metavar="SOURCE",
        nargs="+",
        help="files and directories on the nodes, ~ is the home there; the last is a directory here, in"
        " which each node gets a folder",
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show how much would be fetched")
    add_user(parser)
    parser.add_argument(
        "--max-size",
        type=bytes_,
        default=10_000_000_000,
        metavar="SIZE",
        help="of each node; more is a failure (default: 10G)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Fetch; what a node sends replaces that node's older copy only when it is whole."""
    from stentor.api.transfer import fetch_operation
    from stentor.cli.displays import carry_out_shown, json_lines

    fleet = context.fleet(arguments.fleet)
    if len(arguments.paths) < 2:
        from stentor.cli import habits

        hint = habits.destination("fetch", [arguments.selector, *arguments.paths], fleet.data.nodes)
        raise UsageError("no destination", hint=hint)
    *sources, destination = arguments.paths
    selection = some(fleet, arguments.selector, before=("fetch", arguments.paths))
    paths = [_of_the_nodes(source, context) for source in sources]
    terms = terms_of(arguments, context, fleet.groups)
    if arguments.dry_run:
        return _measure(selection, paths, terms.settings, arguments, context)
    operation = fetch_operation(selection, paths, destination, terms, max_size=arguments.max_size)
    change = cast("FetchChange", operation.change)
    screen, command = context.screen(), "fetch " + " ".join(arguments.paths)
    return carry_out_shown(
        operation,
        screen,
        context,
        json_lines(arguments, screen, command, operation.request.nodes, results=True),
        groups=fleet.groups,
        more=lambda: f"{change.fetching.received / 1e6:.1f} MB",
        alone=arguments.quiet,
        quiet=arguments.quiet,
    )


def _measure(
    selection: Selection,
    paths: Sequence[str],
    settings: Settings,
    arguments: argparse.Namespace,
    context: Context,
) -> int:
    """Say how much each node would send."""
    from stentor.cli.waiting import waiting
    from stentor.outcome import Report, exit_code

    lines = None
    if arguments.json:
        from stentor.render.json_history import Fetch, Measured
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), Fetch(dry_run=True), clock=time.monotonic)
    with waiting(context.screen(), context, 0 if arguments.json else len(selection.nodes)):
        measured = [_amounts(selection, path, settings) for path in paths]
    report = []
    for one in zip(*measured, strict=True):
        outcome = next((outcome for outcome, *_ in one if not outcome.ok), one[0][0])
        report.append(outcome)
        files, kilobytes = (sum(numbers) for numbers in zip(*(rest for _, *rest in one), strict=True))
        if lines:
            lines.write(Measured(outcome.node, outcome.kind, outcome.reason, files, kilobytes))
        else:
            amount = f"{files} files, about {kilobytes} kB"
            said = amount if outcome.ok else outcome.reason or outcome.kind
            context.stdout.write(f"{outcome.node}: {said}\n")
    if lines:
        lines.end(Report(report))
    return exit_code(report)


def _amounts(selection: Selection, path: str, settings: Settings) -> list[tuple[Outcome, int, int]]:
    """Return each node's outcome, files and kilobytes."""
    from stentor.fanout.collect import collect_in_order
    from stentor.transfer import remote
    from stentor.transfer.copying import explained

    found = []
    filled(path, "the source")
    events = selection.stream(remote.measure(path), settings, guard=False)
    for result in collect_in_order(events, selection.nodes):
        outcome, amounts = result.read(remote.measured, (0, 0))
        found.append((explained(outcome, result.stderr), *amounts))
    return found


def _of_the_nodes(path: str, context: Context) -> str:
    """Take back what this shell made of ``~``: the home that is meant is the node's."""
    home = context.environ.get("HOME", "").rstrip("/")
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path
