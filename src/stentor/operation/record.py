"""The journal's side of an operation: written before it acts, while it acts, and at its end.

A journal that cannot be written is said once, and is no reason not to act.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from stentor.fanout.events import Finished, Output, Started
from stentor.fanout.reap import MARK
from stentor.operation.events import JournalProblem, Leftovers
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.journal import Journal
    from stentor.journal.keep import Keeper
    from stentor.operation.leftovers import Guardian
    from stentor.operation.request import Request
    from stentor.outcome import Outcome


def open_journal(reach: Reach) -> Journal:
    """Open the journal as the fleet's policy says."""
    from stentor import journal

    return journal.open(reach.environ, reach.fleet.policy.journal, reach.fleet.root)


class Recorder:
    """Writes one operation down."""

    def __init__(self, reach: Reach, *, on: bool = True) -> None:
        self._reach = reach  # whose policy holds, and how nodes are reached
        self._on = on  # whether anything is written at all
        self.book = open_journal(reach)  # the journal
        self.number = 0  # the operation's number there; 0 where it is not written
        self._said = False
        self._keepers: dict[tuple[str, str], Keeper] = {}
        self._guardian: Guardian | None = None
        # An engine that was given by a caller (fake nodes) leaves no processes which we could end.
        on_nodes = on and self.book.on and reach.engine is None
        # What the operation's processes on nodes carry, so that they are found if we are killed.
        self.mark = "stentor-" + os.urandom(8).hex() if on_nodes else ""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables for the operation's commands on nodes."""
        return {MARK: self.mark} if self.mark else {}

    def begin(self, request: Request) -> Iterator[JournalProblem | Leftovers]:
        """Write down what is about to be done."""
        from stentor.fleet.revision import revision
        from stentor.journal import Operation

        if not self._on:
            return
        if not request.marked:
            self.mark = ""
        yield from self._clean_up()
        root = self._reach.fleet.root
        self.number = self.book.begin(
            Operation(
                request.kind,
                request.title,
                request.selector,
                request.nodes,
                request.options,
                root,
                revision(root),
                request.secrets,
                self.mark,
            )
        )
        if self.number and self.mark:
            from stentor.operation.leftovers import Guardian

            self._guardian = Guardian(self._reach.environ)
        yield from self.problem()

    def take(self, event: object) -> None:
        """Write down what an event of a fan-out says."""
        number = self.number
        if not number:
            return
        if isinstance(event, Output):
            key = (event.node, event.stream)
            keeper = self._keepers.get(key)
            if keeper is None:
                keeper = self._keepers[key] = self.book.keeper(number)
            keeper.feed(event.data)
        elif isinstance(event, Started):
            self.book.started(number, event.node, event.pid)
        elif isinstance(event, Finished):
            out, err = (self._kept(event.node, stream) for stream in ("stdout", "stderr"))
            self.book.outcome(number, event.outcome, out, err)

    def waits(self, will_go_on: bool) -> None:
        """Write down what has come since the last wait: a fan-out waits for its nodes, or has ended."""
        self.book.hold(will_go_on)

    def step(self, node: str, text: str) -> None:
        """Write down a step on the way; ``node`` may be empty."""
        if self.number:
            self.book.step(self.number, node, text)

    def amend(self, outcome: Outcome) -> None:
        """Replace a node's outcome, and leave what is kept of its output."""
        if self.number:
            self.book.amend(self.number, outcome)

    def end(self, code: int, note: str = "") -> None:
        """Write down that it is over."""
        if self.number:
            self.book.end(self.number, code, note)
        if self._guardian is not None:
            self._guardian.dismiss()

    def problem(self) -> Iterator[JournalProblem]:
        """Say once what is wrong with the journal."""
        if self._on and self.book.problem and not self._said:
            self._said = True
            yield JournalProblem(self.book.problem, not self.book.on)

    def _kept(self, node: str, stream: str) -> Any:
        keeper = self._keepers.pop((node, stream), None)
        return keeper.kept() if keeper else b""

    def _clean_up(self) -> Iterator[Leftovers]:
        """If an earlier operation was killed and its guardian too, have its leftovers ended now."""
        if not self.book.rows("SELECT 1 FROM operations WHERE ended IS NULL LIMIT 1"):
            return  # as nearly always: what reads operations is not loaded for that
        from stentor.journal.query import unended

        left = unended(self.book)
        if left:
            from stentor.operation.leftovers import reap

            yield Leftovers(tuple(record.id for record in left))
            reap(self._reach.environ)
