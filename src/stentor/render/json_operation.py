"""The records of an operation and its rollout: one for each kind of event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta

from stentor.fanout import events
from stentor.operation import events as operation
from stentor.render import notices
from stentor.render.json_fields import Header, Kind, Moment, Node, Seconds, Shape, Stream
from stentor.rollout import events as rollout
from stentor.rollout.change import Step


class Operation(Header, tag="operation", kw_only=True):
    """The first line: what is going to be done, and where."""

    command: Annotated[str, Meta(description="What is run, or the subcommand and its arguments.")]
    selector: str
    nodes: Annotated[list[Node], Meta(description="In the order of the selection.")]
    started_at: Moment


class Started(Shape, tag="started"):
    """The command runs on this node now."""

    node: Node


class Output(Shape, tag="output", omit_defaults=True):
    """Bytes as they came, not lines. Exactly one of ``text`` and ``base64`` is there.

    What a node wrote to a stream is the concatenation of all of them, in this order.
    """

    node: Node
    stream: Stream
    text: Annotated[str, Meta(description="If the bytes are UTF-8.")] | None = None
    base64: Annotated[str, Meta(description="If they are not.")] | None = None


class Notice(Shape, tag="notice"):
    """Something worth knowing which is no outcome, like a retry. ``node`` may be empty."""

    node: str
    text: str


class Finished(Shape, tag="finished"):
    """This node is done. Every selected node has exactly one such line."""

    node: Node
    kind: Kind
    code: Annotated[int, Meta(description="The command's exit code where there is one.")] | None
    reason: Annotated[str, Meta(description="One line for people; empty when ok.")]
    hint: Annotated[str, Meta(description="What to do next, often a command; or empty.")]
    seconds: Seconds
    started: Annotated[bool, Meta(description="Whether the command began on the node.")]
    remote: Annotated[str, Meta(description="What became of the remote process when it was ended by us.")]
    attempts: Annotated[int, Meta(ge=1)]


class Report(Shape, tag="report"):
    """The last line."""

    nodes: Annotated[int, Meta(ge=0, description="How many were selected.")]
    kinds: Annotated[dict[str, list[Node]], Meta(description="Nodes by kind; the worst kind first.")]
    exit_code: Annotated[int, Meta(ge=0, le=255, description="With which the process ends.")]
    seconds: Seconds


class Wave(Shape, tag="wave"):
    """The nodes of this wave are being changed now."""

    name: Annotated[str, Meta(description="For people: canary, wave 1 of 3, last.")]
    stage: Annotated[str, Meta(extra_json_schema={"enum": ["canary", "wave", "last"]})]
    number: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=1)]
    nodes: list[Node]
    reason: str


class WaveEnded(Shape, tag="wave_ended"):
    """The wave is done; ``go_on`` says whether the next one begins."""

    number: Annotated[int, Meta(ge=1)]
    go_on: bool
    reason: str


class Gate(Shape, tag="gate"):
    """A node did not pass a gate: it counts as failed."""

    node: Node
    command: str
    reason: str


class Paused(Shape, tag="paused"):
    """The rollout waits before the next wave."""

    seconds: Seconds


class Reverting(Shape, tag="reverting"):
    """The change is taken back on these nodes."""

    nodes: list[Node]
    reason: str


class Reverted(Shape, tag="reverted"):
    """What came of a node whose change was taken back; it takes the place of its ``finished``."""

    node: Node
    kind: Kind
    reason: str
    hint: str


class StepLine(Shape, tag="step", omit_defaults=True):
    """A node has come this far; ``at`` only where it is read from the journal."""

    node: str
    text: str
    name: Annotated[str, Meta(description="For programs: snapshotted, armed, confirmed.")] = ""
    at: Moment | None = None


class Began(Shape, tag="began"):
    """The operation's number in the journal; 0: it is not written."""

    operation: int


class Stopping(Shape, tag="stopping"):
    """The operation was asked to stop."""

    reason: str


class NotBegun(Shape, tag="not_begun"):
    """Nodes that were not finished, and the command that finishes all of them."""

    nodes: list[Node]
    command: str


class Missed(Shape, tag="missed"):
    """Nodes that lack a change, since they were down, and the command that brings it."""

    nodes: list[Node]
    command: str


class Problem(Shape, tag="problem"):
    """Something about the operation itself went wrong: its journal, its notification."""

    what: Annotated[str, Meta(extra_json_schema={"enum": ["journal", "leftovers", "notify"]})]
    reason: str


def record_of(event: object) -> Shape | None:
    """Return the record of an event, but for output; None for one that has none."""
    make = _RECORDS.get(type(event))
    return make(event) if make else None


def _reverted(event: rollout.RevertEvent) -> Shape | None:
    inner = event.event
    return Reverted.of(inner.outcome) if isinstance(inner, events.Finished) else record_of(inner)


def _notice(event: events.Progress) -> Shape:
    return Notice(event.node, notices.text(event))


_RECORDS: dict[type, Callable[[Any], Shape | None]] = {
    events.Finished: lambda event: Finished.of(event.outcome),
    events.Started: lambda event: Started(event.node),
    **dict.fromkeys((events.Retry, events.LoginWaits, events.Notice), _notice),
    Step: StepLine.of,
    operation.Began: lambda event: Began(event.number),
    operation.Stopping: lambda event: Stopping(event.reason),
    operation.NotBegun: NotBegun.of,
    operation.Missed: Missed.of,
    operation.Behind: Missed.of,
    operation.JournalProblem: lambda event: Problem("journal", event.problem),
    operation.Leftovers: lambda event: Problem(
        "leftovers", f"operations {', '.join(map(str, event.operations))} were interrupted"
    ),
    operation.Unheard: lambda event: Problem(
        "unheard", f"{','.join(event.nodes)} had to decide alone on a change: {event.command}"
    ),
    operation.NotifyFailed: lambda event: Problem("notify", event.problem),
    rollout.WaveBegan: lambda event: Wave.of(event, event.wave, stage=event.wave.kind),
    rollout.WaveEnded: lambda event: WaveEnded(event.number, event.verdict.go_on, event.verdict.reason),
    rollout.GateFailed: Gate.of,
    rollout.Paused: lambda event: Paused(event.seconds),
    rollout.Reverting: lambda event: Reverting(list(event.nodes), event.why),
    rollout.RevertEvent: _reverted,
}
