"""The named arguments by which a caller from Python says how an operation is guarded and rolled out."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.operations import Terms
from stentor.fanout.task import DEFAULTS, Settings
from stentor.operation.guarding import refuse, said_in_advance
from stentor.operation.planning import RolloutOptions
from stentor.operation.request import Switches
from stentor.typed import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation


def terms_of(
    settings: Settings = DEFAULTS,
    *,
    guard: bool = True,
    lock: bool = True,
    journal: bool = True,
    notify: bool = True,
    yes_really: int | None = None,
    canary: str | None = None,
    waves: str | int | None = None,
    last: str | None = None,
    max_failures: str | int | None = None,
    gate: str | Sequence[str] | None = None,
    pause: str | float | None = None,
    unreachable: Literal["fail", "ok"] | None = None,
    at_once: int | None = None,
    on_failure: Literal["stop", "revert"] | None = None,
    cancellation: Cancellation | None = None,
) -> Terms:
    """Return the terms of an operation.

    Args:
        settings: limits of its fan-outs.
        guard: False sends dangerous lines without a question.
        lock: False takes no lock on the nodes.
        journal: False writes nothing to the journal.
        notify: False sends none of the policy's notifications.
        yes_really: the number of nodes, to confirm a dangerous line.
        canary: a selector of the nodes that go first.
        waves: sizes of the waves: ``5``, ``"25%"``, ``"1,5,25%"``.
        last: a selector of the nodes that go after all others.
        max_failures: tolerate this many failed nodes: ``1``, ``"10%"``.
        gate: a command, or several, that must succeed on a wave's nodes before the next begins.
        pause: between waves: seconds, or ``"5m"``.
        unreachable: whether a node that was not reached counts as failed.
        at_once: so many nodes at once, whatever the policy's limit.
        on_failure: ``revert`` takes back what is done when the rollout stops.
        cancellation: by which another thread asks for the end.
    """
    gates = (gate,) if isinstance(gate, str) else tuple(gate) if gate is not None else None
    rollout = RolloutOptions(
        canary=canary,
        waves=None if waves is None else str(waves),
        last=last,
        max_failures=None if max_failures is None else str(max_failures),
        gates=gates,
        pause=None if pause is None else str(pause),
        unreachable=unreachable,
        at_once=at_once,
        on_failure=on_failure,
    )
    confirm = refuse if yes_really is None else said_in_advance(yes_really)
    return Terms(settings, rollout, confirm, None, Switches(lock, journal, notify), guard, cancellation)
