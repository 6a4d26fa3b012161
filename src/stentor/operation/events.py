"""What an operation says besides the events of its fan-outs and of its rollout."""

from __future__ import annotations

from stentor.outcome import Report
from stentor.typed import TYPE_CHECKING, NamedTuple


class Began(NamedTuple):
    """The operation is in the journal under this number (0: it is not written) and begins to act."""

    number: int


class JournalProblem(NamedTuple):
    """The journal is not written, or not all of it; the operation goes on."""

    problem: str
    off: bool  # nothing at all is written


class Leftovers(NamedTuple):
    """Earlier operations were killed; what they may have left on their nodes is being ended."""

    operations: tuple[int, ...]


class Stopping(NamedTuple):
    """The operation was asked to stop; what is under way is being ended or taken back."""

    reason: str


class NotBegun(NamedTuple):
    """Nodes whose turn never came, or where an interrupt came first; ``command`` finishes all of them."""

    nodes: tuple[str, ...]
    command: str


class Missed(NamedTuple):
    """Nodes that were down while others got the change; ``command`` brings it to them later."""

    nodes: tuple[str, ...]
    command: str


class NothingMissed(NamedTuple):
    """Nodes that were down, and have missed nothing, since no node holds the change."""

    nodes: tuple[str, ...]
    revision: str


class Behind(NamedTuple):
    """Nodes that answered now and still lack a change which they missed; ``command`` brings it."""

    nodes: tuple[str, ...]
    command: str


class Unheard(NamedTuple):
    """Nodes that answered now, and have decided by themselves on a change; ``command`` shows what it is."""

    nodes: tuple[str, ...]
    command: str


class NotifyFailed(NamedTuple):
    """The user's notification could not be sent."""

    problem: str


class Bell(NamedTuple):
    """The policy wants the terminal's bell: something long is over."""


class Ended(NamedTuple):
    """The operation is over."""

    report: Report  # every node's outcome, in the order of the selection
    code: int  # the exit code
    stopped: str  # why it stopped before its end; empty when it went through


OperationEvent = (
    Began
    | JournalProblem
    | Leftovers
    | Stopping
    | NotBegun
    | Missed
    | NothingMissed
    | Behind
    | Unheard
    | NotifyFailed
    | Bell
    | Ended
)

if TYPE_CHECKING:
    from typing import TypeAlias

    from stentor.fanout.events import Event
    from stentor.rollout.change import Step
    from stentor.rollout.events import RolloutEvent

    AnyEvent: TypeAlias = Event | Step | RolloutEvent | OperationEvent
