"""``stentor fetch``: a file or directory of many nodes, a folder each."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some
from stentor.errors import StentorError

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.events import Event
    from stentor.fanout.task import Settings
    from stentor.render.display import Display
    from stentor.transfer.fetching import Fetching

EXAMPLES = """
stentor fetch @all /etc/os-release releases/    releases/crtr/os-release, releases/prtr/os-release, ...
stentor fetch @gpu '~/logs' logs/               whole directories
stentor fetch -n @gpu '~/logs' logs/            how much it would be
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")
    parser.add_argument(
        "source", metavar="SOURCE", help="a file or directory on the nodes; ~ is the home there"
    )
    parser.add_argument(
        "destination", metavar="DESTINATION", help="a directory here; each node gets a folder in it"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say how much it would be")
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME in place of the fleet's user")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Fetch; what a node sends replaces that node's older copy only when it is whole."""
    from stentor.api import Fleet
    from stentor.cli.operate import operate
    from stentor.cli.recorded import Recorded
    from stentor.fanout.task import Settings
    from stentor.outcome import exit_code
    from stentor.transfer import remote
    from stentor.transfer.fetching import Fetching

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = some(fleet, arguments.selector)
    path = _of_the_nodes(arguments.source, context)
    settings = Settings(user=arguments.user)
    if arguments.dry_run:
        return _measure(selection, path, settings, arguments, context)
    try:
        os.makedirs(arguments.destination, exist_ok=True)
    except OSError as error:
        raise StentorError(f"cannot be made: {error.strerror}", where=arguments.destination) from None
    aliases = [node.alias for node in selection.nodes]
    recorded = Recorded(fleet, context)
    recorded.begin("fetch", f"{arguments.source} {arguments.destination}", arguments.selector, tuple(aliases))
    fetching = Fetching(arguments.destination)

    def start(cancellation: Cancellation) -> Iterator[Event]:
        events = selection.stream(
            remote.send(path), settings, environment=recorded.environment, cancellation=cancellation
        )
        return recorded.follow(fetching.follow(events))

    with recorded:
        display = _display(selection, fetching, arguments, context)
        report = operate(start, display, aliases, clock=time.monotonic, first_tick=1.0)
        for alias, found in fetching.found.items():
            recorded.step(alias, f"fetched {found.files} files, {found.size} bytes")
        recorded.code = exit_code(report)
    return recorded.code


def _display(
    selection: Selection, fetching: Fetching, arguments: argparse.Namespace, context: Context
) -> Display:
    from stentor.render.display import Together

    screen, aliases = context.screen(), [node.alias for node in selection.nodes]
    displays: list[Display] = []
    still = context.environ.get("CI") or context.environ.get("TERM") == "dumb"
    if screen.live_err and not arguments.quiet and not still:
        from stentor.render.progress import Progress

        displays.append(
            Progress(screen, aliases, time.monotonic, more=lambda: f"{fetching.received / 1e6:.1f} MB")
        )
    if arguments.json:
        from stentor.outcome import exit_code
        from stentor.render.jsonl import JsonLines

        head: dict[str, Any] = {
            "command": f"fetch {arguments.source} {arguments.destination}",
            "selector": arguments.selector,
            "nodes": aliases,
            "started_at": round(time.time(), 3),
        }
        displays.append(JsonLines(screen, head, clock=time.monotonic, code=exit_code))
    else:
        from stentor.render.summary import Summary

        displays.append(Summary(screen, selection.fleet.data.groups, time.monotonic, alone=arguments.quiet))
    return Together(displays)


def _measure(
    selection: Selection, path: str, settings: Settings, arguments: argparse.Namespace, context: Context
) -> int:
    """Say how much each node would send."""
    from json import dumps

    from stentor.fanout.collect import collect
    from stentor.outcome import exit_code
    from stentor.transfer import remote
    from stentor.transfer.copying import explained

    found = {result.node: result for result in collect(selection.stream(remote.measure(path), settings))}
    write = context.stdout.write
    if arguments.json:
        write(dumps({"stentor": 1, "type": "fetch", "dry_run": True}) + "\n")
    for node in selection.nodes:
        result = found[node.alias]
        outcome = explained(result.outcome, result.stderr)
        numbers = [int(word) for word in result.text.split() if word.isdigit()]
        files, kilobytes = numbers if len(numbers) == 2 else (0, 0)
        if arguments.json:
            line = {"type": "measured", "node": node.alias, "kind": result.kind, "reason": outcome.reason}
            write(dumps({**line, "files": files, "kilobytes": kilobytes}) + "\n")
        else:
            said = f"{files} files, about {kilobytes} kB" if result.ok else outcome.reason or result.kind
            write(f"{node.alias}: {said}\n")
    return exit_code(result.outcome for result in found.values())


def _of_the_nodes(path: str, context: Context) -> str:
    """Take back what this shell made of ``~``: the home that is meant is the node's."""
    home = context.environ.get("HOME", "").rstrip("/")
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path
