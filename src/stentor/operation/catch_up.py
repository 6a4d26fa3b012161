"""Who holds a revision, and who has to catch up: nodes that were down while others got it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from stentor.operation.events import Missed, NothingMissed
from stentor.outcome import NOT_REACHED, Outcome
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.journal import Journal

Remembered = Mapping[str, tuple[float, Mapping[str, Any]]]
"""What the journal keeps of nodes: alias to when, in seconds since 1970, and data."""


class Memory:
    """What the journal remembers of a fleet's nodes."""

    def __init__(self, book: Journal, root: str) -> None:
        self._book = book  # the journal
        self._root = root  # the fleet directory

    def recall(self, topic: str) -> Remembered:
        """Return what the journal keeps under this topic, without what was cleared."""
        found = self._book.recall(self._root, topic)
        return {node: (at, data) for node, (at, data) in found.items() if data}

    def remember(self, node: str, topic: str, data: Mapping[str, Any]) -> None:
        """Keep the latest of something known of a node; nothing to forget it."""
        self._book.remember(self._root, node, topic, dict(data))

    def mark_missed(self, node: str, topic: str, revision: str) -> None:
        """Remember that a node lacks a revision, and since when it has not caught up."""
        at, known = self.recall(topic).get(node, (time.time(), {}))
        self.remember(node, topic, {"rev": revision, "since": known.get("since", at)})

    def clear_missed(self, node: str, topic: str) -> None:
        """Forget that a node missed anything."""
        if node in self.recall(topic):
            self.remember(node, topic, {})


def lacking(outcomes: Iterable[Outcome], down: Sequence[str], *, elsewhere: bool) -> tuple[str, ...]:
    """Return the nodes that were down while others got a change: they have missed it.

    Args:
        outcomes: of the nodes that were to get it.
        down: those that could not be reached from the beginning.
        elsewhere: whether other nodes have it already.
    """
    some = list(outcomes)
    if not elsewhere and not any(outcome.ok for outcome in some):
        return ()
    dropped = [outcome.node for outcome in some if outcome.kind in NOT_REACHED]
    return tuple(dict.fromkeys((*down, *dropped)))


class CatchUp:
    """Remembers nodes that miss a change as soon as it stands on any node.

    Args:
        root: the fleet directory.
        missed: the topic of what nodes missed.
        held: the topic of what nodes have.
        revision: what is rolled out; empty where nodes go back, and what they hold then is not known.
        name: of the operation on the nodes.
        down: aliases of the nodes that did not answer before anything was changed.
        settled: aliases of the nodes that have it already.
        command: what brings the change to nodes later; the nodes are appended.
        besides: what else is to be kept of a node that holds it.
        unheard: the topic of changes on which nodes decide alone, and by when those of this one have.
    """

    def __init__(
        self,
        root: str,
        *,
        missed: str,
        held: str,
        revision: str,
        name: str = "",
        down: Sequence[str] = (),
        settled: Collection[str] = (),
        command: str = "",
        besides: Callable[[str], Mapping[str, Any]] | None = None,
        unheard: tuple[str, Mapping[str, float]] = ("", {}),
    ) -> None:
        self._root = root
        self._missed = missed
        self._held = held
        self._revision = revision
        self._name = name
        self._down = tuple(down)
        self._settled = settled
        self._command = command
        self._besides = besides
        self._topic_unheard, self._unheard = unheard
        self._before: Remembered = {}
        self._elsewhere = False
        self._memory: Memory | None = None

    def begin(self, book: Journal) -> None:
        """Read the journal before anything is changed."""
        memory = self._memory = Memory(book, self._root)
        self._before = memory.recall(self._missed)
        held = memory.recall(self._held)
        has_it = {alias for alias, (_, data) in held.items() if data.get("rev") == self._revision}
        self._elsewhere = bool(self._settled or has_it - {*self._down})
        for alias in self._settled:
            memory.clear_missed(alias, self._missed)

    def stands(self) -> None:
        """A node holds it, and its proof. A controller that is killed from here on has forgotten no node."""
        if self._memory is None or not self._revision:
            return
        known = self._memory.recall(self._missed)
        for alias in self._down:
            if alias not in known or known[alias][1].get("rev") != self._revision:
                self._memory.mark_missed(alias, self._missed, self._revision)

    def end(self, outcomes: Iterable[Outcome]) -> Iterator[Missed | NothingMissed]:
        """Remember what came of the nodes in the end; the change may have been reverted everywhere."""
        memory, some = self._memory, list(outcomes)
        if memory is None:
            return
        for alias, until in self._unheard.items():
            memory.remember(alias, self._topic_unheard, {"op": self._name, "until": until})
        for outcome in some:
            if not outcome.ok:
                continue
            if self._revision:
                more = self._besides(outcome.node) if self._besides else {}
                memory.remember(outcome.node, self._held, {"rev": self._revision, "op": self._name, **more})
                memory.clear_missed(outcome.node, self._missed)
            else:
                memory.remember(outcome.node, self._held, {})
        if not self._revision:
            return
        late = lacking(some, self._down, elsewhere=self._elsewhere)
        for alias in late:
            memory.mark_missed(alias, self._missed, self._revision)
        if late:
            yield Missed(late, f"{self._command} {','.join(late)}")
            return
        for alias in self._down:
            memory.remember(alias, self._missed, self._before.get(alias, (0.0, {}))[1])
        unaffected = tuple(alias for alias in self._down if alias not in self._before)
        if unaffected:
            yield NothingMissed(unaffected, self._revision)
