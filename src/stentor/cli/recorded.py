"""What every command that acts does with the journal: write before, write during, write the end.

A journal that cannot be written is said once, and is no reason not to act.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress

from stentor import programs
from stentor.cli.context import Context
from stentor.errors import StentorError
from stentor.fanout.events import Event, Finished, Output, Started
from stentor.fanout.reap import MARK
from stentor.typed import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.journal import Journal
    from stentor.journal.keep import Keeper
    from stentor.journal.operation import Record
    from stentor.outcome import Outcome


class Recorded:
    """One operation, from before it acts to its end.

    Args:
        fleet: whose policy holds, and where the operation happens.
        context: for the state directory, and to say what is wrong with the journal.
    """

    def __init__(self, fleet: Fleet, context: Context) -> None:
        from stentor import journal

        self._fleet = fleet
        self._context = context
        self._book: Journal = journal.open(context.environ, fleet.data.policy.journal, fleet.data.root)
        self._number = 0
        self._said = False
        self._keepers: dict[tuple[str, str], Keeper] = {}
        self._guardian = -1
        self.code = 70
        self._outcomes: dict[str, Outcome] = {}
        self._what = ""
        self._began = 0.0
        # An engine that was given by a caller (fake nodes) leaves no processes which we could end.
        on_nodes = self._book.on and fleet.engine is None
        self.word = "stentor-" + os.urandom(8).hex() if on_nodes else ""

    @property
    def environment(self) -> dict[str, str]:
        """What the operation's processes on nodes carry, so that they are found if we are killed."""
        return {MARK: self.word} if self.word else {}

    def begin(
        self,
        kind: str,
        command: str,
        selector: str,
        nodes: tuple[str, ...],
        options: Mapping[str, Any] | None = None,
        secrets: tuple[str, ...] = (),
    ) -> int:
        """Write down what is about to be done; return its number, 0 if nothing is written."""
        from stentor.fleet.revision import revision
        from stentor.journal import Operation

        self._clean_up()
        self._what, self._began = command, time.monotonic()
        root = self._fleet.data.root
        self._number = self._book.begin(
            Operation(kind, command, selector, nodes, options or {}, root, revision(root), secrets, self.word)
        )
        self._say_trouble()
        return self._number

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass a fan-out's events on, and write them down on the way."""
        for event in self._written(events):
            if isinstance(event, Finished):
                self._outcomes[event.node] = event.outcome
            yield event

    def _written(self, events: Iterator[Event]) -> Iterator[Event]:
        book, number = self._book, self._number
        if not number:
            yield from events
            return
        if self.word:
            self._watch_over()
        try:
            for event in events:
                if isinstance(event, Output):
                    key = (event.node, event.stream)
                    keeper = self._keepers.get(key)
                    if keeper is None:
                        keeper = self._keepers[key] = book.keeper(number)
                    keeper.feed(event.data)
                elif isinstance(event, Started):
                    book.started(number, event.node, event.pid)
                elif isinstance(event, Finished):
                    out, err = (self._kept(event.node, stream) for stream in ("stdout", "stderr"))
                    book.outcome(number, event.outcome, out, err)
                yield event
        finally:
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.end(self.code, "" if kind is None else f"ended by {kind.__name__}")

    def outcome(self, outcome: Outcome) -> None:
        """Write down what came of a node, for operations that are more than one fan-out."""
        self._book.outcome(self._number, outcome)

    def step(self, node: str, text: str) -> None:
        """Write down a step on the way."""
        self._book.step(self._number, node, text)

    def end(self, code: int, note: str = "") -> None:
        """Write down that it is over."""
        if self._number:
            self._book.end(self._number, code, note)
        self._say_missed()
        self._say_trouble()
        self._book.leave()

    def _kept(self, node: str, stream: str) -> Any:
        keeper = self._keepers.pop((node, stream), None)
        return keeper.kept() if keeper else b""

    def _say_missed(self) -> None:
        """Name nodes which answered and still lack a change of the dotfiles, since they were down then."""
        from stentor.journal import MISSED

        answered = [node for node, outcome in self._outcomes.items() if outcome.reached]
        missed = self._book.recall(self._fleet.data.root, MISSED) if answered else {}
        late = [node for node in answered if node in missed and missed[node][1]]
        if late:
            what = f"missed a change of the dotfiles: stentor dotfiles catch-up {','.join(late)}"
            self._context.stderr.write(f"stentor: {', '.join(late)} {what}\n")

    def _say_trouble(self) -> None:
        if self._book.problem and not self._said:
            self._said = True
            why = self._book.problem
            said = f"not all of it is written to the journal: {why}"
            if not self._book.on:
                said = f"not written to the journal: {why}; it runs all the same"
            self._context.stderr.write(f"stentor: {said}\n")

    # If we are killed, somebody must end what we began.

    def _watch_over(self) -> None:
        """Start a shell which waits for our end; if we do not say that it is a good one, it cleans up."""
        ours, theirs = os.pipe()[::-1]
        argv = ["/bin/sh", "-c", 'read -r end; [ "$end" ] || exec "$@"', "stentor", *_reap_argv()]
        try:
            programs.detach(argv, self._context.environ, stdin=theirs)
            self._guardian = ours
        except StentorError:
            os.close(ours)
        finally:
            os.close(theirs)

    def _let_go(self) -> None:
        if self._guardian >= 0:
            with suppress(OSError):
                os.write(self._guardian, b"well\n")
            os.close(self._guardian)
            self._guardian = -1

    def _clean_up(self) -> None:
        """If an earlier operation was killed and its guardian too, have its remains ended now."""
        from stentor.journal.query import unended

        left: list[Record] = unended(self._book) if self._book.on else []
        if left:
            numbers = ", ".join(str(record.id) for record in left)
            self._context.stderr.write(
                f"stentor: operation {numbers} never came to its end in the journal: ending what it may "
                "have left on its nodes\n"
            )
            with suppress(StentorError):
                programs.detach(_reap_argv(), self._context.environ)


def _reap_argv() -> list[str]:
    return [sys.executable, "-m", "stentor", "reap"]
