"""An operation in waves: the rollout's events, and what they mean for the journal and the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Generator

from stentor.fanout.events import Finished
from stentor.rollout.change import Step
from stentor.rollout.events import GateFailed, RevertEvent, Reverting, RolloutEnded, RolloutEvent
from stentor.rollout.execute import execute
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.operation.record import Recorder
    from stentor.outcome import Outcome
    from stentor.rollout.change import Change
    from stentor.rollout.plan import Plan


def in_waves(
    plan: Plan,
    change: Change,
    reach: Reach,
    recorder: Recorder,
    outcomes: dict[str, Outcome],
    stop: Callable[[], str],
    waiting: dict[str, Outcome] | None = None,
) -> Generator[RolloutEvent, None, str]:
    """Carry out a change wave by wave.

    Args:
        outcomes: of the nodes; what a revert changes is changed there.
        stop: says why the operation was asked to stop, or nothing.
        waiting: as of :func:`stentor.rollout.execute.execute`.

    Returns:
        Why it stopped before its end; empty when it went through.
    """
    stopped = ""
    for event in execute(plan, change, reach, sleep=_sleeper(stop), stop=stop, waiting=waiting):
        if isinstance(event, GateFailed):
            recorder.step(event.node, f"gate failed: {event.command}: {event.reason}")
        elif isinstance(event, Reverting):
            recorder.step("", f"reverting {', '.join(event.nodes)}: {event.why}")
        elif isinstance(event, RevertEvent):
            inner = event.event
            if isinstance(inner, Finished):
                outcomes[inner.node] = inner.outcome
                recorder.amend(inner.outcome)
            elif isinstance(inner, Step):
                recorder.step(inner.node, inner.text)
        elif isinstance(event, RolloutEnded):
            stopped = event.stopped
        yield event
    return stopped


def _sleeper(stop: Callable[[], str]) -> Callable[[float], None]:
    """Sleep in short pieces, so that a request to stop is noticed between waves."""

    def sleep(seconds: float) -> None:
        import time

        end = time.monotonic() + seconds
        while not stop() and (left := end - time.monotonic()) > 0:
            time.sleep(min(0.1, left))

    return sleep
