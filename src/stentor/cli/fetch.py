"""``stentor fetch``: a file or directory of many nodes, a folder each."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import SelectorError, StentorError

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.events import Event

EXAMPLES = """
stentor fetch @all /etc/os-release releases/    releases/crtr/os-release, releases/prtr/os-release, ...
stentor fetch @gpu ~/logs logs/                 whole directories
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
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME in place of the fleet's user")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Fetch; what a node sends replaces that node's older copy only when it is whole."""
    from stentor.api import Fleet
    from stentor.cli.live import live_sets
    from stentor.cli.operate import operate
    from stentor.cli.recorded import Recorded
    from stentor.fanout.outcome import exit_code
    from stentor.fanout.task import Settings
    from stentor.render.screen import Screen, binary
    from stentor.render.summary import Summary
    from stentor.transfer import remote

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = fleet.select(arguments.selector, live=live_sets(fleet, context))
    if not selection.nodes:
        raise SelectorError("no node is left of this selection", where=arguments.selector)
    try:
        os.makedirs(arguments.destination, exist_ok=True)
    except OSError as error:
        raise StentorError(f"cannot be made: {error.strerror}", where=arguments.destination) from None
    aliases = [node.alias for node in selection.nodes]
    recorded = Recorded(fleet, context)
    words = f"{arguments.source} {arguments.destination}"
    recorded.begin("fetch", words, arguments.selector, tuple(aliases))

    def start(cancellation: Cancellation) -> Iterator[Event]:
        command = remote.send(_of_the_nodes(arguments.source, context))
        events = selection.stream(
            command,
            Settings(user=arguments.user),
            environment=recorded.environment,
            cancellation=cancellation,
        )
        return recorded.follow(_kept(events, arguments.destination))

    screen = Screen(
        binary(context.stdout),
        binary(context.stderr),
        width=context.width(),
        colour_err=context.colour(context.stderr),
        live_err=context.stderr.isatty(),
    )
    summary = Summary(screen, fleet.data.groups, time.monotonic, alone=arguments.quiet)
    with recorded:
        report = operate(start, summary, aliases, clock=time.monotonic)
        recorded.code = exit_code(report)
    return recorded.code


def _of_the_nodes(path: str, context: Context) -> str:
    """Take back what this shell made of ``~``: the home that is meant is the node's."""
    home = context.environ.get("HOME", "").rstrip("/")
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path


def _kept(events: Iterator[Event], folder: str) -> Iterator[Event]:
    """Take the streams out of the events, and put each node's files in place when it is done."""
    import tempfile

    from stentor.fanout.events import Finished, Output

    streams: dict[str, IO[bytes]] = {}
    try:
        for event in events:
            if isinstance(event, Output) and event.stream == "stdout":
                if event.node not in streams:
                    streams[event.node] = tempfile.TemporaryFile(prefix="stentor-fetch-")  # noqa: SIM115
                streams[event.node].write(event.data)
                continue
            if isinstance(event, Finished) and event.outcome.ok:
                stream = streams.pop(event.node, None)
                trouble = _placed(stream, folder, event.node) if stream else "nothing came"
                if trouble:
                    outcome = event.outcome._replace(kind="failed", code=None, reason=trouble)
                    event = Finished(event.node, outcome)
            yield event
    finally:
        for stream in streams.values():
            stream.close()


def _placed(stream: IO[bytes], folder: str, node: str) -> str:
    """Unpack beside the node's folder, then move each name into it; say what went wrong."""
    import shutil
    import tarfile
    import tempfile

    from stentor.transfer import source

    try:
        with stream, tempfile.TemporaryDirectory(prefix=f".{node}-", dir=folder) as stage:
            stream.seek(0)
            source.unpack(stream, stage)
            own = os.path.join(folder, node)
            os.makedirs(own, exist_ok=True)
            for name in os.listdir(stage):
                target = os.path.join(own, name)
                if os.path.isdir(target) and not os.path.islink(target):
                    shutil.rmtree(target)
                os.replace(os.path.join(stage, name), target)
    except (OSError, tarfile.TarError) as error:
        return f"could not be kept here: {error}"
    return ""
