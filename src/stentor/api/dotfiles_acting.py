"""Dotfiles: the operations behind ``stentor dotfiles``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor.api.operations import TERMS, TYPED, Terms, aliases_of, command_line, operation, request_of
from stentor.dotfiles import source as sources
from stentor.dotfiles.change import DotfilesChange
from stentor.dotfiles.inspect import Inspection
from stentor.dotfiles.pending import DecideChange, waiting
from stentor.dotfiles.timer import TimerAction, TimerChange
from stentor.errors import Refused, UsageError
from stentor.journal import MISSED, UNHEARD
from stentor.operation.catch_up import CatchUp
from stentor.operation.node_answer import OPTION
from stentor.operation.operation import Operation
from stentor.operation.planning import plan_for
from stentor.operation.request import Request
from stentor.rollout.plan import Plan
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.dotfiles.adopt import Adoption
    from stentor.outcome import Outcome
    from stentor.rollout.change import Change

from stentor.api.dotfiles import HELD, among, reach_of


def apply_operation(
    selection: BaseSelection,
    seen: Inspection,
    terms: Terms = TERMS,
    *,
    kind: str = "dotfiles apply",
) -> Operation:
    """Return the operation that brings nodes to a revision.

    Raises:
        Refused: a node has a blocker.
    """
    seen.refuse_blocked()
    request = seen.request
    command = "dotfiles init" if kind == "dotfiles init" else "dotfiles apply"
    waves = _waves(selection, seen, terms)
    change = DotfilesChange(selection.fleet.data.policy.dotfiles, request, kind)

    def rest(nodes: Sequence[str], _: int) -> str:
        if change.refuted:
            return ""  # a fix is a new revision: nobody is told to bring this one to more nodes
        again = ("--again",) if request.again or change.reverted & {*nodes} else ()
        reinit = ("--reinit",) if request.reinit and kind != "dotfiles init" else ()
        words = ("--rev", request.rev, *request.typed, *again, *reinit)
        return command_line(command, nodes, terms, (), words)

    catch_up = CatchUp(
        selection.fleet.data.root,
        missed=MISSED,
        held=HELD,
        revision=request.rev,
        name=request.op,
        down=seen.down,
        settled=seen.up_to_date,
        command="stentor dotfiles catch-up",
        besides=change.answered,
        unheard=(UNHEARD, change.unheard),
    )
    options = {
        "rev": request.rev,
        "via": "push" if request.bundle else "remote",
        "overwrite": list(request.overwrite),
        "again": request.again,
        # What was interrupted is reverted, and refused without --again.
        TYPED: ["--rev", request.rev, *request.typed, "--again"],
    }
    wanted = _request(selection, change, options)._replace(rest=rest)
    title = sources.title(request.source, request.rev, selection.fleet.environ)
    wanted = wanted._replace(title=f"{title} ({request.op})")
    return _operation(selection, wanted, change, terms, waves, seen.outcomes, catch_up)


def rollback_operation(selection: BaseSelection, seen: Inspection, terms: Terms = TERMS) -> Operation:
    """Return the operation that takes nodes back by the snapshots which they have kept."""
    request = seen.request
    change = DotfilesChange(selection.fleet.data.policy.dotfiles, request, "dotfiles rollback")
    given = [("--to", request.to), *(("--overwrite", kind) for kind in request.overwrite)]
    words = [word for name, value in given if value for word in (name, value)]
    wanted = _request(selection, change, {"overwrite": list(request.overwrite)})._replace(
        rest=lambda nodes, _: command_line("dotfiles rollback", nodes, terms, (), words)
    )
    # Only the node knows what it has after a rollback, so the journal keeps nothing.
    catch_up = CatchUp(
        selection.fleet.data.root, missed=MISSED, held=HELD, revision="", unheard=(UNHEARD, change.unheard)
    )
    return _operation(
        selection, wanted, change, terms, _waves(selection, seen, terms), seen.outcomes, catch_up
    )


def confirm_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that keeps a change which waits to be confirmed.

    Raises:
        Refused: nothing waits.
    """
    return _decide(selection, DecideChange("confirm"), terms)


def revert_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that reverts a change which waits to be confirmed.

    Raises:
        Refused: nothing waits.
    """
    return _decide(selection, DecideChange("revert"), terms)


def timer_operation(selection: BaseSelection, action: TimerAction, terms: Terms = TERMS) -> Operation:
    """Return the operation that installs or removes the timer by which nodes pull by themselves.

    Raises:
        Refused: nodes have nothing to pull from.
    """
    change = TimerChange(action, selection.fleet.data.policy.dotfiles)
    return _operation(selection, _request(selection, change), change, terms)


def adopt_operation(
    selection: BaseSelection, seen: Adoption, message: str, terms: Terms = TERMS
) -> Operation:
    """Return the operation that commits a node's edit in the operator's clone.

    Raises:
        UsageError: there is no message.
        Refused: something in it looks like a secret.
    """
    from stentor.dotfiles.adopt import AdoptChange
    from stentor.dotfiles.push import refuse_secrets
    from stentor.sh.quoting import quoted

    if seen.working and not message.strip():
        raise UsageError("a commit needs a message", hint="describe the change with -m MSG")
    refuse_secrets(seen.secrets)

    change = AdoptChange(seen, message.strip(), selection.fleet.environ)
    words = quoted((seen.file, "-m", message, "--source", seen.source.clone))
    wanted = _request(selection, change)._replace(
        rest=lambda nodes, _: f"stentor dotfiles adopt {','.join(nodes)} {words}"
    )
    return _operation(selection, wanted, change, terms, known=() if seen.working else (seen.outcome,))


def _waves(selection: BaseSelection, seen: Inspection, terms: Terms) -> Plan:
    """Return the waves; where the named canary has the revision already, the policy names one."""
    fleet, chosen = selection.fleet, among(selection, seen.to_change)
    if not chosen.nodes:
        return Plan(())
    options = terms.rollout
    if seen.request.rev and options.on_failure is None:
        options = options._replace(on_failure=fleet.data.policy.dotfiles.on_failure)
    if options.canary is not None:
        named = {node.alias for node in fleet.nodes(options.canary)}
        if named & {*aliases_of(selection)} and not named & {*seen.to_change}:
            options = options._replace(canary=None)
    found = plan_for(fleet.data, chosen.nodes, options, select=fleet.nodes, can_lock_out=True)
    return found or Plan(())


def _decide(selection: BaseSelection, change: DecideChange, terms: Terms) -> Operation:
    pending, others = waiting(reach_of(selection, terms), selection.nodes)
    if not pending and all(outcome.ok for outcome in others):
        raise Refused("no change waits to be confirmed there", hint="see 'stentor dotfiles status'")
    return _operation(selection, _request(selection, change), change, terms, None, others)


def _request(selection: BaseSelection, change: Change, options: Mapping[str, Any] | None = None) -> Request:
    title, options = change.title, dict(options or {})
    if isinstance(change, DotfilesChange):
        options[OPTION] = change.request.op
        title = f"{title} ({change.request.op})"
    return request_of(selection, change.name, title, options=options, lock=True, marked=False)


def _operation(
    selection: BaseSelection,
    request: Request,
    change: Change,
    terms: Terms,
    plan: Plan | None = None,
    known: Sequence[Outcome] = (),
    catch_up: CatchUp | None = None,
) -> Operation:
    reach = reach_of(selection, terms)
    if isinstance(change, DotfilesChange):
        change.window(reach)  # a wrong policy is said before anything is begun
    return operation(
        selection.fleet, request, change, terms, plan, catch_up=catch_up, known=known, reach=reach
    )
