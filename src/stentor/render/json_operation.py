"""The lines of ``--json`` for what an operation and its rollout say: one shape for each kind of event."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from stentor.fanout.events import Finished
from stentor.operation import events as operation
from stentor.render.json_fields import Kind, Node, Seconds
from stentor.rollout import events as rollout
from stentor.rollout.change import Step


class Wave(msgspec.Struct, tag="wave", forbid_unknown_fields=True):
    """The nodes of this wave are being changed now."""

    name: Annotated[str, Meta(description="For people: canary, wave 1 of 3, last.")]
    kind: Annotated[str, Meta(extra_json_schema={"enum": ["canary", "wave", "last"]})]
    number: Annotated[int, Meta(ge=1)]
    total: Annotated[int, Meta(ge=1)]
    nodes: list[Node]
    reason: str


class WaveEnded(msgspec.Struct, tag="wave_ended", forbid_unknown_fields=True):
    """The wave is done; ``go_on`` says whether the next one begins."""

    number: Annotated[int, Meta(ge=1)]
    go_on: bool
    reason: str


class Gate(msgspec.Struct, tag="gate", forbid_unknown_fields=True):
    """A node did not pass a gate: it counts as failed."""

    node: Node
    command: str
    reason: str


class Paused(msgspec.Struct, tag="paused", forbid_unknown_fields=True):
    """The rollout waits before the next wave."""

    seconds: Seconds


class Reverting(msgspec.Struct, tag="reverting", forbid_unknown_fields=True):
    """The change is taken back on these nodes."""

    nodes: list[Node]
    reason: str


class Reverted(msgspec.Struct, tag="reverted", forbid_unknown_fields=True):
    """What came of a node whose change was taken back; it takes the place of its ``finished``."""

    node: Node
    kind: Kind
    reason: str
    hint: str


class StepLine(msgspec.Struct, tag="step", forbid_unknown_fields=True, omit_defaults=True):
    """A node has come this far; ``at`` only where it is read from the journal."""

    node: str
    text: str
    name: Annotated[str, Meta(description="For programs: snapshotted, armed, confirmed.")] = ""
    at: Annotated[float, Meta(description="Seconds since 1970-01-01T00:00:00Z.")] | None = None


class Began(msgspec.Struct, tag="began", forbid_unknown_fields=True):
    """The operation's number in the journal; 0: it is not written."""

    operation: int


class Stopping(msgspec.Struct, tag="stopping", forbid_unknown_fields=True):
    """The operation was asked to stop."""

    reason: str


class NotBegun(msgspec.Struct, tag="not_begun", forbid_unknown_fields=True):
    """Nodes that were not finished, and the command that finishes all of them."""

    nodes: list[Node]
    command: str


class Missed(msgspec.Struct, tag="missed", forbid_unknown_fields=True):
    """Nodes that lack a change, since they were down, and the command that brings it."""

    nodes: list[Node]
    command: str


class Problem(msgspec.Struct, tag="problem", forbid_unknown_fields=True):
    """Something about the operation itself went wrong: its journal, its notification."""

    what: Annotated[str, Meta(extra_json_schema={"enum": ["journal", "leftovers", "notify"]})]
    reason: str


OperationLine = (
    Wave
    | WaveEnded
    | Gate
    | Paused
    | Reverting
    | Reverted
    | StepLine
    | Began
    | Stopping
    | NotBegun
    | Missed
    | Problem
)


def line_of(event: object) -> OperationLine | None:
    """Return the line of an event; None for one that is not told, or has a line elsewhere."""
    if isinstance(event, Step):
        return StepLine(event.node, event.text, event.name)
    return _of_operation(event) or _of_rollout(event)


def _of_operation(event: object) -> OperationLine | None:
    if isinstance(event, operation.Began):
        return Began(event.number)
    if isinstance(event, operation.Stopping):
        return Stopping(event.reason)
    if isinstance(event, operation.NotBegun):
        return NotBegun(list(event.nodes), event.command)
    if isinstance(event, (operation.Missed, operation.Behind)):
        return Missed(list(event.nodes), event.command)
    if isinstance(event, operation.JournalProblem):
        return Problem("journal", event.problem)
    if isinstance(event, operation.Leftovers):
        return Problem("leftovers", f"operations {', '.join(map(str, event.operations))} were interrupted")
    if isinstance(event, operation.NotifyFailed):
        return Problem("notify", event.problem)
    return None


def _of_rollout(event: object) -> OperationLine | None:
    if isinstance(event, rollout.WaveBegan):
        wave = event.wave
        return Wave(wave.name, wave.kind, event.number, event.total, list(wave.nodes), wave.reason)
    if isinstance(event, rollout.WaveEnded):
        return WaveEnded(event.number, event.verdict.go_on, event.verdict.reason)
    if isinstance(event, rollout.GateFailed):
        return Gate(event.node, event.command, event.reason)
    if isinstance(event, rollout.Paused):
        return Paused(event.seconds)
    if isinstance(event, rollout.Reverting):
        return Reverting(list(event.nodes), event.why)
    if isinstance(event, rollout.RevertEvent):
        inner = event.event
        if isinstance(inner, Finished):
            outcome = inner.outcome
            return Reverted(outcome.node, outcome.kind, outcome.reason, outcome.hint)
        return line_of(inner)
    return None
