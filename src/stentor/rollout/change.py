"""What a rollout carries out: the protocol of a change, its preview and the steps on its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stentor.fanout.events import Event
from stentor.outcome import Outcome
from stentor.rollout.sent import Sent
from stentor.typed import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from stentor.engines.reach import Reach


class Step(NamedTuple):
    """A node has come this far; ``name`` is for programs, ``text`` for people."""

    node: str
    name: str  # "snapshotted", "armed", "applied", "confirmed", "going-down", "back"
    text: str


class Preview(NamedTuple):
    """What a change would do to one node."""

    node: str  # the alias
    # A line for each thing that would change; none where there is nothing to do.
    changes: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()  # the differences, as lines of a unified diff
    blocker: str = ""  # why the change must not go ahead there, a line for each reason; empty if it may
    next_step: str = ""  # how the blocker is removed
    assumed: bool = False  # the node was not asked, since it is down; what it would be is worked out here
    unknown: str = ""  # why nothing can be said of this node; empty if something can
    notes: tuple[str, ...] = ()  # what a person should know besides
    busy: bool = False  # somebody else is changing it, which is the blocker: it goes by itself

    @property
    def blocked(self) -> str:
        """The blocker in one line: its first reason, and how many more there are."""
        first, *more = self.blocker.split("\n")
        return f"{first} (and {len(more)} more: see the plan)" if more else first


class Change(Protocol):
    """Something that can be previewed, applied, verified and reverted on nodes.

    Every method is given how nodes are reached, with the operation's cancellation and environment in it.
    """

    name: str  # for programs and the journal: ``run``, ``copy``, ``dotfiles apply``
    title: str  # one line for people and the journal: what is done
    can_lock_out: bool  # it can end logins, so a canary goes first

    def sends(self) -> Sequence[Sent]:
        """Return every command line of the user's that it sends, and every file that it writes."""

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say what would change on each node, also on those that are down; touch nothing."""

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Do it on these nodes: exactly one ``Finished`` for each."""

    def verify(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Prove it on these nodes, a ``Finished`` each; nothing at all where ``apply`` has proved it."""

    def revert(self, nodes: Sequence[str], reach: Reach, why: str) -> Iterator[Event | Step] | None:
        """Take it back on these nodes, a ``Finished`` each; None if it cannot be reverted."""

    def undo(self, nodes: Sequence[str]) -> str:
        """Return the command line that takes it back on these nodes later; empty if there is none."""

    def interrupted(self) -> Sequence[Outcome]:
        """Return what came of nodes whose ``apply`` was cut short by an exception."""


class BaseChange:
    """Defaults: nothing for the guard, the title as preview, no proof of its own, no revert."""

    name = ""
    title = ""
    can_lock_out = False
    cut_short: Sequence[Outcome] = ()  # what came of nodes whose ``apply`` an exception ended
    revert_change: Change | None = None  # the change that takes it back

    def sends(self) -> Sequence[Sent]:
        """Nothing but programs of stentor's own."""
        return ()

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Return the title for each node."""
        return {node: Preview(node, (self.title,)) for node in nodes}

    def verify(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Prove nothing beyond what ``apply`` did."""
        return iter(())

    def revert(self, nodes: Sequence[str], reach: Reach, why: str) -> Iterator[Event | Step] | None:
        """It cannot be reverted."""
        return None

    def undo(self, nodes: Sequence[str]) -> str:
        """It cannot be reverted."""
        return ""

    def interrupted(self) -> Sequence[Outcome]:
        """Return what was cut short, in the change or its revert."""
        return [*self.cut_short, *(self.revert_change.interrupted() if self.revert_change else ())]
