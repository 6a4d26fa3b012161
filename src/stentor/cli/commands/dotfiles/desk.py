"""What every verb needs: the opened fleet, the selected nodes, the policy, the screen, the journal."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stentor.api.fleet import Fleet
from stentor.cli.context import Context
from stentor.cli.selector import expression
from stentor.dotfiles.source import Source, find, resolve
from stentor.engines.reach import Reach
from stentor.errors import Refused
from stentor.fanout.task import Settings
from stentor.fleet.model import Node
from stentor.fleet.policy.sections import Dotfiles
from stentor.journal import MISSED, Journal
from stentor.journal import open as open_journal
from stentor.outcome import Outcome
from stentor.render.records import Records

REVISION = "dotfiles"  # a topic of the journal's memory, as ``MISSED`` is


class Desk:
    """One run of one verb."""

    def __init__(self, arguments: argparse.Namespace, context: Context, words: str | None = None) -> None:
        self.arguments = arguments
        self.context = context
        self.screen = context.screen()
        self.expression = words or expression(arguments)
        self.fleet = Fleet.open(arguments.fleet, environ=context.environ)
        self.nodes: tuple[Node, ...] = self.fleet.select(self.expression).nodes
        self.policy: Dotfiles = self.fleet.data.policy.dotfiles
        self.reach = Reach(
            self.fleet.data,
            context.environ,
            local=self.fleet.local,
            settings=Settings(connect_timeout=arguments.connect_timeout),
            engine=self.fleet.engine,
            known=self.fleet.facts(),
        )
        self.started = time.time()
        self.clock = time.monotonic()
        self.records: Records | None = None
        self._journal: Journal | None = None
        if getattr(arguments, "json", False):
            self.records = Records(
                self.screen,
                {
                    "command": f"dotfiles {arguments.verb}",
                    "nodes": [node.alias for node in self.nodes],
                    "selector": self.expression,
                    "started_at": self.started,
                },
            )

    @property
    def journal(self) -> Journal:
        """The journal, opened when it is first needed."""
        if self._journal is None:
            self._journal = open_journal(
                self.context.environ, self.fleet.data.policy.journal, self.fleet.data.root
            )
            if self._journal.problem:
                self.screen.say(f"the journal is not written: {self._journal.problem}")
        return self._journal

    @property
    def via(self) -> str:
        """How nodes get the revision."""
        return getattr(self.arguments, "via", None) or self.policy.via

    def source(self) -> Source:
        """Where revisions come from."""
        return find(self.policy, self.context.environ, folder=getattr(self.arguments, "source", None))

    def revision(self, source: Source, rev: str | None) -> str:
        """The exact commit that is meant."""
        return resolve(source, rev, self.context.environ, via=self.via)

    def operation_name(self) -> str:
        """A name for an operation, unique on the nodes and sortable by time."""
        moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(self.started))
        return f"{moment}-{os.urandom(3).hex()}"

    def print(self, line: str) -> None:
        """A line of the result."""
        if not self.records:
            self.screen.print(line)

    def say(self, line: str) -> None:
        """A line that is no result."""
        if not self.records:
            self.screen.say(line)

    def write(self, fields: Mapping[str, Any]) -> None:
        """A JSON object of the result."""
        if self.records:
            self.records.write(fields)

    def finish(self, outcomes: Iterable[Outcome], code: int) -> int:
        """The report's record, or what to do about nodes that were not reached; returns the exit code."""
        some = list(outcomes)
        if self.records:
            self.records.report(some, code=code, seconds=time.monotonic() - self.clock)
            return code
        from stentor.outcome import NOT_REACHED, Report
        from stentor.render.summary import hints

        for line in hints(Report(one for one in some if one.kind in NOT_REACHED), None, self.screen.width):
            self.say(line)
        return code

    def ask(self, question: str, declined: str = "") -> None:
        """Go on only if a person says yes, or ``--yes`` did.

        Args:
            question: as it is shown.
            declined: the hint for one who says no.

        Raises:
            Refused: no, or nobody is there to ask.
        """
        if self.arguments.yes:
            return
        if self.records or not self.context.interactive():
            raise Refused(
                "there is nobody here to ask", hint="look at 'stentor dotfiles plan', then say --yes"
            )
        self.screen.err(self.screen.encode(f"{question} [y/N] "))
        if self.context.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Refused("not done", hint=declined or "nothing was changed")

    def remember(self, node: str, topic: str, data: Mapping[str, Any]) -> None:
        """Keep the latest of something known of a node."""
        self.journal.remember(self.fleet.data.root, node, topic, dict(data))

    def miss(self, node: str, rev: str) -> None:
        """Keep in mind that a node has not got this; since when is kept until it has caught up."""
        at, known = self.recall(MISSED).get(node, (time.time(), {}))
        self.remember(node, MISSED, {"rev": rev, "since": known.get("since", at)})

    def caught_up(self, node: str) -> None:
        """Forget that a node missed anything."""
        if node in self.recall(MISSED):
            self.remember(node, MISSED, {})

    def recall(self, topic: str) -> dict[str, tuple[float, dict[str, Any]]]:
        """What is remembered, by alias; forgotten things are empty."""
        found = self.journal.recall(self.fleet.data.root, topic)
        return {node: (at, data) for node, (at, data) in found.items() if data}


def aliases(nodes: Sequence[Node]) -> str:
    """Names for people, in few words."""
    from stentor.render.names import fold

    return fold([node.alias for node in nodes])
