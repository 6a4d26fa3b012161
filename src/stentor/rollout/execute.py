"""Carry out a plan: waves, gates, pauses, the stop, and taking back.

The change applies, proves and reverts; the rollout runs the gates and decides by :func:`judge` whether
the next wave begins. Each node of the plan gets exactly one ``Finished``: after its gates where there are
any, and as ``cancelled`` if it was not started, so that the report and the journal are whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator

from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished, Output
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Change, Step
from stentor.rollout.events import (
    GateEvent,
    GateFailed,
    Paused,
    RevertEvent,
    Reverting,
    RolloutEnded,
    RolloutEvent,
    WaveBegan,
    WaveEnded,
)
from stentor.rollout.plan import Plan, Verdict, judge
from stentor.rollout.spent import Spent

GATE_SECONDS = 60.0  # a gate's command that runs longer has failed
_GATE_BYTES = 200  # of what a gate said, for the reason


def execute(
    plan: Plan,
    change: Change,
    reach: Reach,
    *,
    sleep: Callable[[float], None] = time.sleep,
    stop: Callable[[], str] = lambda: "",
    clock: Callable[[], float] = time.monotonic,
    waiting: dict[str, Outcome] | None = None,
) -> Generator[RolloutEvent, None, None]:
    """Go through the waves of a plan.

    Closed before its end, or interrupted, it closes what is under way in the change as well.

    Args:
        plan: from :func:`stentor.rollout.plan.plan`.
        sleep: how to pause, in seconds.
        stop: asked before each wave; a reason stops the rollout there.
        clock: seconds that never go back.
        waiting: is given what came of nodes whose ``Finished`` waits for their gates, for as long as it does.

    Yields:
        Events; the last is ``RolloutEnded``.
    """
    yield from _Rollout(plan, change, reach, sleep, stop, clock, {} if waiting is None else waiting).events()


class _Rollout:
    def __init__(
        self,
        plan: Plan,
        change: Change,
        reach: Reach,
        sleep: Callable[[float], None],
        stop: Callable[[], str],
        clock: Callable[[], float],
        waiting: dict[str, Outcome],
    ) -> None:
        self.plan = plan
        self.change = change
        self.reach = reach
        self.sleep = sleep
        self.stop = stop
        self.spent = Spent(clock)
        self.waiting = waiting
        self.outcomes: dict[str, Outcome] = {}
        self.stands: dict[str, None] = {}  # nodes that hold the change and its proof, in order
        self.waits = bool(plan.gates) or getattr(type(change), "verify", None) is not BaseChange.verify

    def events(self) -> Iterator[RolloutEvent]:
        stopped = ""
        total = len(self.plan.waves)
        for index, wave in enumerate(self.plan.waves):
            stopped = self.stop()
            if stopped:
                break
            yield WaveBegan(index + 1, total, wave)
            yield from self.wave(wave.nodes)
            verdict = judge(self.plan, index, self.outcomes)
            if asked := self.stop():
                verdict = Verdict(False, asked)
            yield WaveEnded(index + 1, total, wave, verdict)
            if not verdict.go_on:
                stopped = verdict.reason
                break
            if self.plan.pause and index + 1 < total:
                yield Paused(self.plan.pause)
                self.sleep(self.plan.pause)
        # Who interrupts a rollout wants to look at it as it is.
        if stopped and self.plan.on_failure == "revert" and not self.stop():
            yield from self.revert(stopped)
        yield from self.end(stopped)

    def wave(self, nodes: tuple[str, ...]) -> Iterator[RolloutEvent]:
        """Apply, verify, gates; where there is a proof or a gate, a node's ``Finished`` waits for it."""
        at_gate = self.waiting
        for event in _closing(self.change.apply(nodes, self.reach)):
            if isinstance(event, Finished):
                event = Finished(event.node, self.spent.until_now(event.outcome))
                self.outcomes[event.node] = event.outcome
                if event.outcome.ok and self.waits:
                    at_gate[event.node] = event.outcome
                    continue
                if event.outcome.ok:
                    self.stands[event.node] = None
            yield event
        yield from self.prove(at_gate)
        self.stands.update(dict.fromkeys(at_gate))
        for gate in self.plan.gates:
            yield from self.gate(gate, at_gate)
        while at_gate:
            node = next(iter(at_gate))
            yield Finished(node, at_gate.pop(node))

    def prove(self, at_gate: dict[str, Outcome]) -> Iterator[RolloutEvent]:
        """The change's own proof; a node that fails it is finished."""
        for event in self.change.verify(tuple(at_gate), self.reach) if at_gate else ():
            if not isinstance(event, Finished):
                yield event
            elif not event.outcome.ok and event.node in at_gate:
                del at_gate[event.node]
                event = Finished(event.node, self.spent.until_now(event.outcome))
                self.outcomes[event.node] = event.outcome
                yield event

    def gate(self, command: str, at_gate: dict[str, Outcome]) -> Iterator[RolloutEvent]:
        """Run one gate's command where all was well so far."""
        left = [node for node, outcome in at_gate.items() if outcome.ok]
        if not left:
            return
        if self.stop():
            for node in left:
                self.cut_off(node, at_gate)
            return
        settings = self.reach.settings
        settings = settings._replace(timeout=settings.timeout or GATE_SECONDS)
        said: dict[str, bytes] = {}
        for event in self.reach.command(self.reach.nodes(left), command, settings):
            yield GateEvent(command, event)
            if isinstance(event, Output):
                said[event.node] = (said.get(event.node, b"") + event.data)[:_GATE_BYTES]
            elif isinstance(event, Finished):
                own = self.spent.until_now(at_gate[event.node])
                at_gate[event.node] = self.outcomes[event.node] = own
                if event.outcome.kind == "cancelled":
                    self.cut_off(event.node, at_gate)
                elif not event.outcome.ok:
                    reason = _gate_reason(event.outcome, said.get(event.node, b""))
                    failed = self.failed_at_gate(own, reason)
                    at_gate[event.node] = self.outcomes[event.node] = failed
                    yield GateFailed(event.node, command, reason)

    def cut_off(self, node: str, at_gate: dict[str, Outcome]) -> None:
        """Note that the change stands and is proved, and nobody knows what the gate would have said."""
        at_gate[node] = self.outcomes[node] = cut_off(at_gate[node])

    def failed_at_gate(self, own: Outcome, reason: str) -> Outcome:
        hint = ""
        if self.plan.on_failure != "revert" and (undo := self.change.undo((own.node,))):
            hint = f"{own.node} keeps the change; take it back with: {undo}"
        return own._replace(kind="failed", code=None, reason=f"gate failed: {reason}", hint=hint)

    def revert(self, why: str) -> Iterator[RolloutEvent]:
        """Take the change back wherever it has come to stand."""
        nodes = tuple(self.stands)
        events = self.change.revert(nodes, self.reach, why) if nodes else None
        if events is None:
            return
        yield Reverting(nodes, why)
        for event in _closing(events):
            if isinstance(event, Finished):
                own = self.outcomes[event.node]
                end = self.spent.until_now(_reverted(own, event.outcome))
                self.outcomes[event.node] = end
                event = Finished(event.node, end)
            yield RevertEvent(event)

    def end(self, stopped: str) -> Iterator[RolloutEvent]:
        outcomes = self.outcomes
        not_begun = tuple(node for node in self.plan.nodes if node not in outcomes)
        for node in not_begun:
            reason = f"not begun: {stopped or 'the rollout ended'}"
            yield Finished(node, Outcome(node, "cancelled", reason=reason))
        done = tuple(node for node in self.plan.nodes if node in outcomes and outcomes[node].ok)
        failed = tuple(n for n in outcomes if not outcomes[n].ok and outcomes[n].kind != "skipped")
        yield RolloutEnded(stopped, done, failed, not_begun)


def cut_off(outcome: Outcome) -> Outcome:
    """Return the outcome of a node that is changed, and of which nobody knows what its gate would say."""
    return outcome._replace(reason="changed; a gate was cut off") if outcome.ok else outcome


def _closing(events: Iterator[Event | Step]) -> Iterator[Event | Step]:
    """Pass events on; whoever stops listening closes what is under way."""
    yield from events


def _gate_reason(outcome: Outcome, said: bytes) -> str:
    words = " ".join(said.decode("utf-8", "replace").split())
    reason = outcome.reason or outcome.kind
    return f"{reason}: {words}" if words else reason


def _reverted(own: Outcome, end: Outcome) -> Outcome:
    """What came of a node whose change was taken back."""
    if not end.ok:
        return end._replace(reason=f"could not be reverted: {end.reason or end.kind}")
    reason = "reverted, because another node failed" if own.ok else f"reverted: {own.reason}"
    return end._replace(kind="failed", code=None, reason=reason, hint="")
