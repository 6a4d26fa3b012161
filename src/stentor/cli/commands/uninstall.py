"""``stentor uninstall``: remove what stentor keeps on nodes and here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.call import Call
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_changed_nodes, add_connect_timeout, named
from stentor.errors import UsageError

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet, Selection
    from stentor.api.operations import Terms
    from stentor.api.uninstall import Place
    from stentor.outcome import Outcome
    from stentor.removal.nodes import NodeKeeps
    from stentor.render.uninstall import Here, Keeps

EXAMPLES = """
stentor uninstall @all --dry-run       list what stentor keeps on the nodes
stentor uninstall prtr                 remove it from one node: timers, snapshots, partial copies
stentor uninstall @all --here          and what is kept on this machine: connections, caches, state
stentor uninstall --here --journal     this machine alone, with the journal of all operations
"""

_STAYS = """\
stays on nodes: the dotfiles themselves, chezmoi and its clone, deployed services and DNS entries,
  fixes of 'doctor --fix', files of 'exports:'
stays here: the fleet's files, host keys in known_hosts, your clone of the dotfiles, stentor itself,
  files of 'shell-init -o' and 'export -w' with their lines"""


def configure(parser: Parser) -> None:
    add_changed_nodes(parser)
    parser.add_argument("--here", action="store_true", help="also what is kept on this machine")
    parser.add_argument("--journal", action="store_true", help="with --here: the journal, too")
    parser.add_argument("-n", "--dry-run", action="store_true", help="list it, and remove nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    add_connect_timeout(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """List, ask, remove from the nodes, then from here."""
    if arguments.journal and not arguments.here:
        raise UsageError("--journal goes with --here", hint="stentor uninstall --here --journal")
    return _Run(arguments, context).code()


class _Run(Call):
    """One call: list, ask, remove."""

    unasked = "check with --dry-run, then use --yes"

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        from stentor.cli.displays import json_lines

        super().__init__(arguments, context)
        self.fleet: Fleet | None = None
        self.selection: Selection | None = None
        self.words = ""
        if arguments.selector or not arguments.here:
            self.fleet, self.selection, self.words = self._nodes()
        nodes = [node.alias for node in self.selection.nodes] if self.selection else []
        self.records = json_lines(arguments, self.screen, "uninstall", nodes, self.words, results=True)
        self.places: list[Place] = []

    def _nodes(self) -> tuple[Fleet, Selection, str]:
        arguments = self.arguments
        fleet = self.context.fleet(arguments.fleet)
        asks = not (arguments.yes or arguments.json)
        words = named(arguments.selector, fleet, "stentor uninstall", asks=asks).words
        return fleet, fleet.select(words), words

    def code(self) -> int:
        """Do it, and return the exit code."""
        from stentor.api.uninstall import kept, places, refuse_running
        from stentor.cli.waiting import waiting

        if self.arguments.here and not self.arguments.dry_run:
            refuse_running(self.context.environ)
        seen: dict[str, NodeKeeps] = {}
        if self.selection:
            with waiting(self.screen, self.context, len(self.selection.nodes)):
                seen = kept(self.selection, self._terms(self.selection))
        if self.arguments.here:  # only now: to look at nodes opens connections
            self.places = places(self.context.environ)
        self.show(seen)
        something = any(one.kept for one in seen.values()) or any(not self.stays(p) for p in self.places)
        if self.arguments.dry_run or not something:
            self.say("dry run: nothing was removed" if self.arguments.dry_run else "nothing to remove")
            return self.finish(one.outcome for one in seen.values())
        code, clean = 0, True
        if self.selection:
            code, clean = self.remove_from_nodes(self.selection, seen)
        else:
            self.ask("remove it?", "nothing was removed")
        return max(code, self.remove_here(clean=clean) if self.arguments.here else 0)

    def show(self, seen: dict[str, NodeKeeps]) -> None:
        """List what is kept, and what stays in any case."""
        from stentor.render.uninstall import here_lines, node_lines

        for one in seen.values():
            record = _keeps(one)
            self.write(record)
            self.print(node_lines(record))
        here = [_here(place, stays=self.stays(place)) for place in self.places]
        self.write(*here)
        if here:
            self.print(here_lines(here))
        for line in _STAYS.splitlines():
            self.say(line)
        if self.arguments.here:
            self.say_sessions()

    def say_sessions(self) -> None:
        """Say which tmux sessions have panes of nodes: they are closed by who works in them."""
        from stentor.tmux.server import Server

        for session in Server(self.context.environ).sessions_of_nodes():
            self.say(f"stays here: tmux session {session}; to end it: stentor tmux close {session}")

    def stays(self, place: Place) -> bool:
        """Whether a place is kept: the journal unless asked for, and a running practice fleet."""
        return place.part == "practice fleet" or (place.part == "journal" and not self.arguments.journal)

    def remove_from_nodes(self, selection: Selection, seen: dict[str, NodeKeeps]) -> tuple[int, bool]:
        """Ask and carry it out; return the exit code, and whether all nodes are clean."""
        from stentor.api.uninstall import uninstall_operation
        from stentor.cli.displays import carry_out_shown

        operation = uninstall_operation(selection, seen, self._terms(selection))
        self.ask("remove it?", "nothing was removed")
        groups = selection.fleet.groups
        code = carry_out_shown(operation, self.screen, self.context, self.records, groups=groups)
        return code, all(outcome.ok for outcome in operation.report)

    def _terms(self, selection: Selection) -> Terms:
        return terms_of(self.arguments, self.context, selection.fleet.groups)

    def remove_here(self, *, clean: bool) -> int:
        """Remove what is kept on this machine; the journal only if every node is clean."""
        from stentor.api.uninstall import unserved

        with unserved(self.context.environ):  # a page may have been started since the question
            return self._remove_places(clean=clean)

    def _remove_places(self, *, clean: bool) -> int:
        from stentor.api.uninstall import places, remove, remove_empty

        wrong = 0
        self.places = places(self.context.environ)  # the operation on the nodes has its own journal entry
        for place in self.places:
            if self.stays(place):
                continue
            if place.part == "journal" and not clean:
                self.say(
                    f"{place.path} stays: not all nodes are clean; run the command again when they are up"
                )
                continue
            problem = remove(place, self.context.environ)
            wrong |= bool(problem)
            self.write(_here(place, stays=bool(problem), problem=problem))
            self.print([f"not removed: {problem}" if problem else f"removed {place.path}"])
        remove_empty(self.context.environ)
        if any(place.part == "practice fleet" for place in self.places):
            self.say("hint: the practice fleet is removed by 'stentor lab down'")
        return wrong


def _keeps(one: NodeKeeps) -> Keeps:
    from stentor.render.uninstall import Keeps, KeptThing

    outcome: Outcome = one.outcome
    return Keeps(
        outcome.node,
        outcome.kind,
        outcome.reason,
        [KeptThing.of(thing) for thing in one.kept],
        list(one.others),
        one.blocker,
    )


def _here(place: Place, *, stays: bool, problem: str = "") -> Here:
    from stentor.render.uninstall import Here

    return Here.of(place, stays=stays, problem=problem)
