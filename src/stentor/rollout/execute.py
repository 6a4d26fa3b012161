"""Drive a planned sequence of fan-outs: waves, gates, pauses, and the stop.

What a *change* is stays with the feature: it gives two functions from aliases to fan-out
events. This module emits the fan-out's own events as they come and, between them, what the
rollout itself decides. Nodes whose turn never came get a ``Finished`` too (``cancelled``, not
started), so that the report and the journal are whole: ``rerun --missing`` takes it up there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import NamedTuple, Protocol

from stentor.fanout.events import Event, Finished
from stentor.outcome import Outcome
from stentor.rollout.plan import Plan, Verdict, Wave, judge


class WaveBegan(NamedTuple):
    """This wave's nodes are being changed now."""

    number: int  # from 1
    total: int
    wave: Wave


class GateEvent(NamedTuple):
    """An event of the gate command, apart from those of the change itself."""

    event: Event


class WaveEnded(NamedTuple):
    """The wave is done and judged."""

    number: int
    total: int
    wave: Wave
    verdict: Verdict


class Paused(NamedTuple):
    """The rollout rests between two waves."""

    seconds: float


class RolloutEnded(NamedTuple):
    """All that can be done is done.

    Attributes:
        stopped: why it stopped before its end; empty when it went through.
        done: changed, and through the gate.
        failed: failed in the change or at the gate.
        not_begun: their turn never came.
    """

    stopped: str
    done: tuple[str, ...]
    failed: tuple[str, ...]
    not_begun: tuple[str, ...]


RolloutEvent = Event | WaveBegan | GateEvent | WaveEnded | Paused | RolloutEnded


class Change(Protocol):
    """Something that can be done to nodes, and looked at afterwards."""

    def apply(self, nodes: tuple[str, ...]) -> Iterator[Event]:
        """Do it on these nodes: exactly one ``Finished`` for each."""

    def verify(self, nodes: tuple[str, ...]) -> Iterator[Event]:
        """Look whether these nodes are well; no event at all means there is nothing to look at."""


def execute(
    plan: Plan,
    change: Change,
    *,
    sleep: Callable[[float], None] = time.sleep,
    stop: Callable[[], str] = lambda: "",
) -> Generator[RolloutEvent, None, None]:
    """Go through the waves of a plan.

    Closed before its end, or interrupted, it closes what is under way in the change as well.

    Args:
        plan: from :func:`stentor.rollout.plan.plan`.
        change: what is done to a wave's nodes.
        sleep: how to pause.
        stop: asked before each wave; a reason stops the rollout there.

    Yields:
        Events; the last is ``RolloutEnded``.
    """
    outcomes: dict[str, Outcome] = {}
    stopped = ""
    total = len(plan.waves)
    for index, wave in enumerate(plan.waves):
        stopped = stop()
        if stopped:
            break
        yield WaveBegan(index + 1, total, wave)
        events = change.apply(wave.nodes)
        try:
            for event in events:
                if isinstance(event, Finished):
                    outcomes[event.node] = event.outcome
                yield event
        finally:
            if isinstance(events, Generator):
                events.close()
        gates: dict[str, Outcome] = {}
        well = tuple(node for node in wave.nodes if node in outcomes and outcomes[node].ok)
        if well:
            yield from _gate(change, well, gates)
        verdict = judge(plan, index, outcomes, gates=gates.values())
        _remember(gates, outcomes)
        yield WaveEnded(index + 1, total, wave, verdict)
        if not verdict.go_on:
            stopped = verdict.reason
            break
        if plan.pause and index + 1 < total:
            yield Paused(plan.pause)
            sleep(plan.pause)
    yield from _end(plan, outcomes, stopped)


def _gate(change: Change, nodes: tuple[str, ...], found: dict[str, Outcome]) -> Iterator[GateEvent]:
    for event in change.verify(nodes):
        if isinstance(event, Finished):
            known = found.get(event.node)
            if known is None or known.ok:  # several gates: the first that fails is the one to tell
                found[event.node] = event.outcome
        yield GateEvent(event)


def _remember(gates: Mapping[str, Outcome], outcomes: dict[str, Outcome]) -> None:
    """A node that failed at its gate is a failed node from here on, for later waves' limits and the end."""
    for node, gate in gates.items():
        if not gate.ok:
            reason = f"gate: {gate.reason or gate.kind}"
            outcomes[node] = outcomes[node]._replace(kind="failed", code=None, reason=reason, hint=gate.hint)


def _end(plan: Plan, outcomes: Mapping[str, Outcome], stopped: str) -> Iterator[RolloutEvent]:
    not_begun = tuple(node for node in plan.nodes if node not in outcomes)
    for node in not_begun:
        yield Finished(
            node, Outcome(node, "cancelled", reason=f"not begun: {stopped or 'the rollout ended'}")
        )
    done = tuple(node for node in plan.nodes if node in outcomes and outcomes[node].ok)
    failed = tuple(node for node in outcomes if not outcomes[node].ok and outcomes[node].kind != "skipped")
    yield RolloutEnded(stopped, done, failed, not_begun)
