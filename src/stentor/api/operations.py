"""What every operation of the API is put together from; the command line and the acting methods share it.

Each ``xxx_operation`` of this package takes the selected nodes, and on which terms they are changed. Its
other arguments are those of the method of ``Selection`` of the same name.
"""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fanout.task import DEFAULTS, Settings
from stentor.operation.guarding import Confirm, guard_all, refuse, said_in_advance
from stentor.operation.operation import Operation
from stentor.operation.planning import DEFAULT, RolloutOptions, plan_for
from stentor.operation.request import Request, Switches
from stentor.rollout.sent import Sent
from stentor.typed import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.engines.reach import Reach
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.context import Ask
    from stentor.operation.catch_up import CatchUp
    from stentor.outcome import Outcome
    from stentor.rollout.change import Change
    from stentor.rollout.plan import Plan


class Terms(NamedTuple):
    """On which terms an operation is carried out."""

    settings: Settings = DEFAULTS  # limits of its fan-outs
    rollout: RolloutOptions = DEFAULT  # how it is rolled out, where that is not left to the policy
    confirm: Confirm = refuse  # asks whether something dangerous is meant
    ask: Ask | None = None  # lets a person answer ssh's questions
    switches: Switches = Switches()  # parts of the operation that are switched off
    guarded: bool = True  # whether the guard looks at it
    cancellation: Cancellation | None = None  # by which another thread ends it


TERMS = Terms()
_WITH_USER = ("copy", "fetch")  # of those that are carried out here, the commands with ``--user``
TYPED = "typed"  # the option of a journal entry with the options of its command line


def plan_of(
    selection: BaseSelection, terms: Terms, *, run: bool = False, can_lock_out: bool = False
) -> Plan | None:
    """Return the waves in which these nodes are changed; None for all at once.

    Args:
        run: an ordinary command, which goes in waves only where that is asked for.
        can_lock_out: a canary is required.
    """
    fleet = selection.fleet
    return plan_for(
        fleet.data, selection.nodes, terms.rollout, select=fleet.nodes, run=run, can_lock_out=can_lock_out
    )


def operation(
    fleet: BaseFleet,
    request: Request,
    change: Change,
    terms: Terms = TERMS,
    plan: Plan | None = None,
    *,
    catch_up: CatchUp | None = None,
    known: Sequence[Outcome] = (),
    reach: Reach | None = None,
) -> Operation:
    """Put an operation together; it acts when its events are asked for.

    Every operation passes here, and so the guard: all that its change sends, and its gates.

    Raises:
        Refused: what is dangerous was not confirmed.
    """
    if terms.guarded:
        gates = dict.fromkeys((*(terms.rollout.gates or ()), *(plan.gates if plan else ())))
        sent = (*change.sends(), *(Sent(gate) for gate in gates))
        guard_all(fleet.data, request.nodes, sent, terms.confirm)
    reach = reach or fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return Operation(reach, request, change, plan, switches=terms.switches, catch_up=catch_up, known=known)


def aliases_of(selection: BaseSelection) -> tuple[str, ...]:
    """Return the aliases of the selected nodes, in order."""
    return tuple(node.alias for node in selection.nodes)


def request_of(selection: BaseSelection, kind: str, title: str, **fields: Any) -> Request:
    """Return what is asked for of these nodes; the same command finishes the rest of them.

    Args:
        kind: the stentor command.
        fields: others of :class:`Request`.
    """
    made = Request(
        kind,
        title,
        selection.selector,
        aliases_of(selection),
        rest=lambda nodes, _: f"stentor {kind} {','.join(nodes)}",
    )
    return made._replace(**fields)


def command_line(
    kind: str, nodes: Sequence[str], terms: Terms, options: Sequence[str] = (), words: Sequence[str] = ()
) -> str:
    """Return the command that does the same to these nodes, on the same terms.

    Args:
        kind: the stentor command.
        options: of its own.
        words: behind the nodes.
    """
    from stentor.sh.quoting import quoted

    user = ("--user", terms.settings.user) if terms.settings.user and kind in _WITH_USER else ()
    typed = quoted((*options, *user, *terms.rollout.words))
    return " ".join(filter(None, ("stentor", kind, typed, ",".join(nodes), quoted(words))))


def change_operation(selection: BaseSelection, change: Change, terms: Terms = TERMS) -> Operation:
    """Return the operation that rolls any change out: locked, in waves, with the policy's gates."""
    plan = plan_of(selection, terms, can_lock_out=change.can_lock_out)
    request = Request(change.name, change.title, selection.selector, aliases_of(selection), lock=True)
    return operation(selection.fleet, request, change, terms, plan)


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
