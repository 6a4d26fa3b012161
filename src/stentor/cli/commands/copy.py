"""``stentor copy``: files to many nodes."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from stentor.cli import careful
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some
from stentor.cli.times import count, seconds
from stentor.errors import UsageError

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.cli.recorded import Recorded
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.events import Event
    from stentor.fleet.model import Node
    from stentor.outcome import Outcome, Report
    from stentor.render.display import Display
    from stentor.render.screen import Screen
    from stentor.rollout.lock import Claim
    from stentor.transfer.copying import Copying, Rsync, Share
    from stentor.transfer.plan import Entry
    from stentor.transfer.source import Found

EXAMPLES = """
stentor copy @gpu motd /etc/motd               one file, under a new name
stentor copy @all a.conf b.conf /opt/app/      several, into a directory
stentor copy @core site/ /srv/site             a directory's contents, as with rsync
stentor copy -n @all site/ /srv/site           what would be sent where
stentor copy --canary prtr @all tool '~/bin/'  step by step (docs/safety.md)
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.usage = "stentor copy [options] SELECTOR SOURCE... DESTINATION"
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")
    parser.add_argument(
        "paths", metavar="SOURCE", nargs="+", help="files and directories; the last is the destination"
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what each node lacks")
    parser.add_argument(
        "-c", "--checksum", action="store_true", help="compare contents even where size and time are the same"
    )
    parser.add_argument("--no-rsync", action="store_true", help="send large changed files whole")
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME in place of the fleet's user")
    parser.add_argument(
        "-f", "--window", metavar="N", type=count, default=128, help="nodes at once (default: 128)"
    )
    parser.add_argument(
        "-t",
        "--connect-timeout",
        metavar="TIME",
        type=seconds,
        default=5.0,
        help="until a node lets us in (default: 5s)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    careful.add_rollout(parser.add_argument_group("step by step (docs/safety.md)"))


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look what each node has, send the rest."""
    from stentor.api import Fleet
    from stentor.transfer import source

    if len(arguments.paths) < 2:
        raise UsageError("where to?", hint="stentor copy SELECTOR SOURCE... DESTINATION")
    *sources, destination = arguments.paths
    if not destination:
        raise UsageError("the destination is empty", hint="'~/' is the home on the nodes")
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = some(fleet, arguments.selector)
    found = source.find(sources)
    for path in found.skipped:
        context.stderr.write(f"stentor: left out, being neither file, link nor directory: {path}\n")
    return _Copy(arguments, context, selection, found, destination).run()


class _Copy:
    """One copy: what, to whom, and what became of it."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        found: Found,
        destination: str,
    ) -> None:
        from stentor.fanout.task import Settings
        from stentor.transfer.remote import Target

        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.entries = found.entries
        # One file may be given a new name; anything else needs a directory.
        alone = len(found.entries) == 1 and found.entries[0].kind == "file" and len(arguments.paths) == 2
        self.target = Target(destination, found.entries[0].name if alone else "")
        self.settings = Settings(
            window=arguments.window, connect_timeout=arguments.connect_timeout, user=arguments.user
        )
        self.screen = context.screen()
        self.shares: dict[str, Share] = {}
        self.copying: Copying | None = None
        self.claim: Claim | None = None

    def run(self) -> int:
        """Do it; return the exit code."""
        from stentor.cli.locked import claim, locked
        from stentor.cli.operate import operate
        from stentor.cli.recorded import Recorded
        from stentor.outcome import exit_code

        selection, arguments = self.selection, self.arguments
        aliases = [node.alias for node in selection.nodes]
        plan = careful.plan_for(selection, arguments)
        recorded = Recorded(selection.fleet, self.context)

        def start(cancellation: Cancellation) -> Iterator[Event]:
            def step(nodes: Sequence[str], gate: str | None) -> Iterator[Event]:
                chosen = [selection.fleet.data.nodes[name] for name in nodes]
                if gate:
                    return self._gate(chosen, gate, recorded, cancellation)
                return self._events(chosen, recorded, cancellation)

            if plan is None or arguments.dry_run:
                events = step(aliases, None)
            else:
                events = careful.staged(plan, step, stop=lambda: cancellation.reason)
            return events if arguments.dry_run else recorded.follow(events)

        if arguments.dry_run:
            report = operate(start, self._display(aliases), aliases, clock=time.monotonic)
            for line in careful.describe_plan(plan) if plan and not arguments.json else ():
                self.screen.say(line)
            return exit_code(report)
        words = " ".join(arguments.paths)
        if plan is None:
            self.claim = claim(self.context, self._what())
        recorded.begin("copy", words, arguments.selector, tuple(aliases))
        # In steps the nodes stay locked from the first to the last; else each while it receives.
        lock = locked(selection, self.context, self._what()) if plan else nullcontext()
        with recorded, lock:
            display = self._display(aliases)
            report = operate(start, display, aliases, clock=time.monotonic, first_tick=1.0)
            for alias, share in self.shares.items():
                if share.how != "nothing":
                    recorded.step(alias, described(share))
            recorded.code = exit_code(report)
        return recorded.code

    def _events(
        self, nodes: Sequence[Node], recorded: Recorded, cancellation: Cancellation
    ) -> Iterator[Event]:
        from stentor.api import Selection
        from stentor.transfer.copying import Copying

        fleet = self.selection.fleet
        ask = None if self.arguments.json else self.context.asking(self.screen)
        copying = self.copying = Copying(
            self.entries,
            self.target,
            nodes,
            lambda tasks: Selection(fleet, tuple(nodes)).fan_out(
                tasks, self.settings, cancellation=cancellation, ask=ask
            ),
            environment=recorded.environment,
            checksum=self.arguments.checksum,
            local=fleet.local,
            rsync=self._rsync(cancellation),
            claim=self.claim,
        )
        copying.shares = self.shares
        return copying.events(dry=self.arguments.dry_run)

    def _rsync(self, cancellation: Cancellation) -> Rsync | None:
        from shutil import which

        from stentor.api import Selection
        from stentor.cli.locked import locked
        from stentor.transfer import rsync

        fleet, environ = self.selection.fleet, self.context.environ
        if (
            self.arguments.no_rsync
            or fleet.engine is not None
            or not which("rsync", path=environ.get("PATH"))
        ):
            return None

        def login(node: Node) -> list[str]:
            return Selection(fleet, (node,)).login(user=self.arguments.user, tty=False)

        def send(pairs: Sequence[tuple[Node, Entry]]) -> Iterator[Event]:
            nodes = Selection(fleet, tuple(node for node, _ in pairs))
            with locked(nodes, self.context, self._what()) if self.claim else nullcontext():
                yield from rsync.send(pairs, self.target, login, environ, lambda: cancellation.reason)

        return send

    def _what(self) -> str:
        """What the other operator is told."""
        return f"copy to {self.target.path}"

    def _gate(
        self, nodes: Sequence[Node], gate: str, recorded: Recorded, cancellation: Cancellation
    ) -> Iterator[Event]:
        from stentor.api import Selection

        return Selection(self.selection.fleet, tuple(nodes)).stream(
            gate, self.settings, environment=recorded.environment, cancellation=cancellation
        )

    def _display(self, aliases: list[str]) -> Display:
        """What shows it."""
        from stentor.render.display import Together

        arguments, screen, environ = self.arguments, self.screen, self.context.environ
        groups = self.selection.fleet.data.groups
        displays: list[Display] = []
        still = environ.get("CI") or environ.get("TERM") == "dumb"
        if screen.live_err and not arguments.quiet and not still:
            from stentor.render.progress import Progress

            displays.append(Progress(screen, aliases, time.monotonic, more=self._so_far))
        displays.append(_Shares(screen, self.shares, json=arguments.json, dry=arguments.dry_run))
        if arguments.json:
            from stentor.outcome import exit_code
            from stentor.render.jsonl import JsonLines

            head: dict[str, Any] = {
                "command": "copy " + " ".join(arguments.paths),
                "selector": arguments.selector,
                "nodes": aliases,
                "started_at": round(time.time(), 3),
            }
            displays.insert(0, JsonLines(screen, head, clock=time.monotonic, code=exit_code))
        elif not arguments.quiet:
            from stentor.render.summary import Summary

            displays.append(Summary(screen, groups, time.monotonic, alone=False))
        return Together(displays)

    def _so_far(self) -> str:
        now, all_of_it = self.copying.sent() if self.copying else (0, 0)
        return f"{size(now)} of {size(all_of_it)}" if all_of_it else ""


class _Shares:
    """Says of each node what it gets."""

    def __init__(self, screen: Screen, shares: dict[str, Share], *, json: bool, dry: bool) -> None:
        self._screen = screen
        self._shares = shares
        self._json = json
        self._dry = dry

    def show(self, event: Event) -> None:
        """Say it when the node is done."""
        from stentor.fanout.events import Finished

        if isinstance(event, Finished) and self._json:
            self._line(event.outcome)

    def _line(self, outcome: Outcome) -> None:
        from json import dumps

        share = self._shares.get(outcome.node)
        if share is None:
            return
        fields = share._asdict()
        if not self._dry:
            del fields["names"]
        self._screen.print(dumps({"type": "copy", "node": outcome.node, **fields}))

    def tick(self, now: float) -> None:
        """Time changes nothing."""

    def end(self, report: Report) -> None:
        """For people: what would be sent, node by node."""
        if self._json or not self._dry:
            return
        for outcome in report:
            share = self._shares.get(outcome.node)
            if share is None or not outcome.ok:
                self._screen.print(f"{outcome.node}: {outcome.reason or outcome.kind}")
                continue
            self._screen.print(f"{outcome.node}: {described(share, dry=True)}")
            for name in share.names[:_MOST]:
                self._screen.print(f"  {os.fsencode(name).decode('utf-8', 'backslashreplace')!r}"[:200])
            if len(share.names) > _MOST:
                self._screen.print(f"  and {len(share.names) - _MOST} more")


_MOST = 20  # names shown of a node's share


def described(share: Share, *, dry: bool = False) -> str:
    """What a node gets, in words."""
    will = "would be sent" if dry else "sent"
    files = f"{share.files} {'file' if share.files == 1 else 'files'}"
    if share.how == "nothing":
        return "has it already"
    if share.how == "mend":
        return "only modes and times would be set" if dry else "modes and times set"
    if share.how == "rsync":
        return f"{will} what differs in {size(share.size)}, by rsync"
    resumed = f", {size(share.resumed)} of it were there from before" if share.resumed else ""
    return f"{will} {files}, {size(share.size)}{resumed}"


def size(number: int) -> str:
    """Bytes for people: ``312 bytes``, ``4.2 MB``."""
    if number < 1000:
        return f"{number} bytes"
    value, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}"
