"""What a rollout says while it goes on, between the events of the change itself."""

from __future__ import annotations

from stentor.fanout.events import Event
from stentor.rollout.change import Step
from stentor.rollout.plan import Verdict, Wave
from stentor.typed import NamedTuple


class WaveBegan(NamedTuple):
    """This wave's nodes are being changed now; ``number`` counts from 1."""

    number: int
    total: int
    wave: Wave


class GateEvent(NamedTuple):
    """An event of a gate's command, apart from those of the change itself."""

    command: str
    event: Event


class GateFailed(NamedTuple):
    """A node where the change succeeded did not pass a gate: it counts as failed from here on."""

    node: str
    command: str
    reason: str


class WaveEnded(NamedTuple):
    """The wave is done and judged."""

    number: int
    total: int
    wave: Wave
    verdict: Verdict


class Paused(NamedTuple):
    """The rollout waits between two waves."""

    seconds: float


class Reverting(NamedTuple):
    """The change is taken back on nodes where it had succeeded."""

    nodes: tuple[str, ...]
    why: str


class RevertEvent(NamedTuple):
    """An event of taking back, apart from those of the change itself."""

    event: Event | Step


class RolloutEnded(NamedTuple):
    """All that can be done is done."""

    stopped: str  # why it stopped before its end; empty when it went through
    done: tuple[str, ...]  # changed, and through the gate
    failed: tuple[str, ...]  # failed in the change or at the gate
    not_begun: tuple[str, ...]  # their turn never came


RolloutEvent = (
    Event
    | Step
    | WaveBegan
    | GateEvent
    | GateFailed
    | WaveEnded
    | Paused
    | Reverting
    | RevertEvent
    | RolloutEnded
)
