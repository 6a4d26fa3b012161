"""``stentor copy``: files to many nodes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import SelectorError, UsageError

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.collect import Result
    from stentor.fanout.events import Event
    from stentor.render.display import Display
    from stentor.render.screen import Screen
    from stentor.transfer.plan import Entry

EXAMPLES = """
stentor copy @gpu motd /etc/motd               one file, under a new name
stentor copy @all a.conf b.conf /opt/app/      several, into a directory
stentor copy @core site/ /srv/site             a directory's contents, as with rsync
stentor copy -n @all site/ /srv/site           what would be sent where
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.usage = "stentor copy [options] SELECTOR SOURCE... DESTINATION"
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")
    parser.add_argument(
        "paths", metavar="SOURCE", nargs="+", help="files and directories; the last is the destination"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what each node lacks")
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME in place of the fleet's user")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look what each node has, send the rest."""
    from stentor.api import Fleet
    from stentor.cli.live import live_sets
    from stentor.transfer import source

    if len(arguments.paths) < 2:
        raise UsageError("where to?", hint="stentor copy SELECTOR SOURCE... DESTINATION")
    *sources, destination = arguments.paths
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = fleet.select(arguments.selector, live=live_sets(fleet, context))
    if not selection.nodes:
        raise SelectorError("no node is left of this selection", where=arguments.selector)
    return _Copy(arguments, context, selection, source.entries(sources), destination).run()


class _Copy:
    """One copy: what, to whom, and what became of it."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        entries: tuple[Entry, ...],
        destination: str,
    ) -> None:
        from hashlib import sha256

        from stentor.fanout.task import Settings

        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.entries = entries
        self.destination = destination
        self.settings = Settings(user=arguments.user)
        # One file may be given a new name; several need a directory.
        alone = len(entries) == 1 and entries[0].kind == "file" and not destination.endswith("/")
        self.single = entries[0].name if alone else ""
        text = "\n".join(f"{e.name} {e.digest}" for e in entries) + destination
        self.key = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self.spools: dict[tuple[str, ...], IO[bytes]] = {}
        self.sent: dict[str, int] = {}

    def run(self) -> int:
        """Do it; return the exit code."""
        from stentor.fanout.outcome import exit_code

        lacking, looked = self.look()
        if self.arguments.dry_run:
            return self.tell(lacking, looked)
        from stentor.cli.locked import locked
        from stentor.cli.operate import operate
        from stentor.cli.recorded import Recorded
        from stentor.render.screen import Screen, binary

        context, aliases = self.context, [node.alias for node in self.selection.nodes]
        screen = Screen(
            binary(context.stdout),
            binary(context.stderr),
            width=context.width(),
            colour_err=context.colour(context.stderr),
            live_err=context.stderr.isatty(),
        )
        recorded = Recorded(self.selection.fleet, context)
        words = " ".join((*self.arguments.paths[:-1], self.destination))
        recorded.begin("copy", words, self.arguments.selector, tuple(aliases))

        def start(cancellation: Cancellation) -> Iterator[Event]:
            return recorded.follow(self.send(lacking, looked, recorded.environment, cancellation))

        with recorded, locked(self.selection, context, f"copy to {self.destination}"):
            report = operate(
                start, self.display(screen, aliases), aliases, clock=time.monotonic, first_tick=1.0
            )
            recorded.code = exit_code(report)
        for spool in self.spools.values():
            spool.close()
        return recorded.code

    def look(self) -> tuple[dict[str, tuple[Entry, ...]], list[Result]]:
        """Ask every node what it has."""
        from stentor.fanout.collect import collect
        from stentor.transfer import plan, remote

        names = tuple(entry.name for entry in self.entries if entry.kind == "file")
        command = remote.look(self.destination, names, self.key, single=bool(self.single))
        lacking, looked = {}, []
        for result in collect(self.selection.stream(command, self.settings)):
            looked.append(result)
            if result.ok:
                there = plan.listing(result.text)
                staged = {
                    n.removeprefix(remote.STAGED): d for n, d in there.items() if n.startswith(remote.STAGED)
                }
                # What is staged is checked once more on the node, so only placing it is left.
                wanted = plan.needed(self.entries, there)
                lacking[result.node] = wanted if not staged else plan.needed(wanted, staged) or wanted[:1]
        return lacking, looked

    def send(
        self,
        lacking: dict[str, tuple[Entry, ...]],
        looked: list[Result],
        environment: dict[str, str],
        cancellation: Cancellation,
    ) -> Iterator[Event]:
        """Send each node what it lacks; nodes that lack nothing, or were not reached, are finished."""
        from stentor.fanout.events import Finished, Notice
        from stentor.fanout.task import Task
        from stentor.transfer import remote

        tasks = []
        nodes = {node.alias: node for node in self.selection.nodes}
        for result in looked:
            wanted = lacking.get(result.node, ())
            if not result.ok or not any(entry.kind != "directory" for entry in wanted):
                if result.ok:
                    yield Notice(result.node, "has it already")
                yield Finished(result.node, result.outcome)
                continue
            command = remote.receive(self.destination, self.key, single=self.single)
            tasks.append(Task(nodes[result.node], command, self.spool(wanted), environment))
        if tasks:
            yield from self.selection.fan_out(tasks, self.settings, cancellation=cancellation)

    def spool(self, wanted: tuple[Entry, ...]) -> str:
        """Pack once for all nodes which lack the same."""
        import tempfile

        from stentor.transfer import source

        key = tuple(entry.name for entry in wanted)
        if key not in self.spools:
            file = tempfile.NamedTemporaryFile(prefix="stentor-copy-")  # noqa: SIM115 - closed in run
            source.pack(wanted, file)
            file.flush()
            self.spools[key] = file
        return str(self.spools[key].name)

    def display(self, screen: Screen, aliases: list[str]) -> Display:
        """What shows it."""
        from stentor.render.display import Together

        groups = self.selection.fleet.data.groups
        displays: list[Display] = []
        if screen.live_err and not self.arguments.quiet:
            from stentor.render.progress import Progress

            displays.append(Progress(screen, aliases, time.monotonic))
        if self.arguments.json:
            from stentor.fanout.outcome import exit_code
            from stentor.render.jsonl import JsonLines

            head = {
                "command": f"copy {self.destination}",
                "selector": self.arguments.selector,
                "nodes": aliases,
            }
            head["started_at"] = round(time.time(), 3)
            displays.append(JsonLines(screen, head, clock=time.monotonic, code=exit_code))
        else:
            from stentor.render.views import Wish, build

            wish = Wish("gather", True, False, False)
            displays.append(build("gather", wish, screen, aliases, groups, names={}, clock=time.monotonic))
            if not self.arguments.quiet:
                from stentor.render.summary import Summary

                displays.append(Summary(screen, groups, time.monotonic, alone=False))
        return Together(displays)

    def tell(self, lacking: dict[str, tuple[Entry, ...]], looked: list[Result]) -> int:
        """Say what would be sent."""
        from stentor.fanout.outcome import exit_code

        if self.arguments.json:
            import json

            self.context.stdout.write(json.dumps({"stentor": 1, "type": "copy", "dry_run": True}) + "\n")
        for result in sorted(
            looked, key=lambda result: [n.alias for n in self.selection.nodes].index(result.node)
        ):
            wanted = [entry for entry in lacking.get(result.node, ()) if entry.kind != "directory"]
            size = sum(entry.size for entry in wanted)
            if self.arguments.json:
                import json

                line = {"type": "lacks", "node": result.node, "kind": result.kind, "bytes": size}
                line["names"] = [entry.name for entry in wanted]
                self.context.stdout.write(json.dumps(line) + "\n")
            elif not result.ok:
                self.context.stdout.write(f"{result.node}: {result.outcome.reason or result.kind}\n")
            else:
                what = f"would be sent {len(wanted)} files, {size} bytes" if wanted else "has it already"
                self.context.stdout.write(f"{result.node}: {what}\n")
        return exit_code(result.outcome for result in looked)
