"""Dotfiles: the operations behind ``stentor dotfiles``, and what is known of nodes without changing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor import journal
from stentor.api.operations import TERMS, Terms, aliases_of, check, request_of
from stentor.dotfiles import source as sources
from stentor.dotfiles.change import DotfilesChange
from stentor.dotfiles.inspect import Inspection, inspect, preview_rollback, revert_expired
from stentor.dotfiles.pending import DecideChange, waiting
from stentor.dotfiles.request import ChangeRequest, new_token, operation_name
from stentor.dotfiles.status import NodeStatus, inspect_status
from stentor.dotfiles.timer import TimerAction, TimerChange, TimerStatus
from stentor.dotfiles.timer import timer_status as inspect_timer
from stentor.errors import Refused, UsageError
from stentor.fleet.policy.sections import Dotfiles as Policy
from stentor.journal import MISSED
from stentor.operation.catch_up import CatchUp, Remembered
from stentor.operation.lock import refuse_locked
from stentor.operation.operation import Operation
from stentor.operation.planning import plan_for
from stentor.operation.request import Request
from stentor.rollout.plan import Plan
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.engines.reach import Reach
    from stentor.outcome import Outcome
    from stentor.rollout.change import Change

HELD = "dotfiles"  # a topic of the journal's memory, as ``MISSED`` is: the revision that a node holds


class Repository(NamedTuple):
    """Where revisions come from, as the policy or the caller says.

    Attributes:
        policy: the fleet's.
        source: the operator's clone and the remote.
        via: ``remote``: nodes fetch a revision; ``push``: it is sent along.
        environ: for git.
    """

    policy: Policy
    source: sources.Source
    via: str
    environ: Mapping[str, str]

    def resolve(self, rev: str | None = None) -> str:
        """Return the exact commit that is meant; None is the branch's head.

        Raises:
            StentorError: it cannot be found.
        """
        return sources.resolve(self.source, rev, self.environ, via=self.via)

    def title(self, rev: str) -> str:
        """Return a revision for people."""
        return sources.title(self.source, rev, self.environ)


class Wanted(NamedTuple):
    """What nodes are to get.

    Attributes:
        rev: a revision; None for the head of the branch.
        overwrite: kinds of conflict that may be overwritten: ``edited``, ``existing``, ``source``.
        again: apply a revision that was reverted before.
        source: a clone of the dotfiles, in place of the policy's.
        via: ``remote`` or ``push``, in place of the policy's.
    """

    rev: str | None = None
    overwrite: tuple[str, ...] = ()
    again: bool = False
    source: str | None = None
    via: str | None = None


HEAD = Wanted()


def repository_of(fleet: BaseFleet, wanted: Wanted = HEAD) -> Repository:
    """Return where revisions come from.

    Raises:
        UsageError: a clone was named which is none.
    """
    policy = fleet.data.policy.dotfiles
    source = sources.find(policy, fleet.environ, folder=wanted.source)
    return Repository(policy, source, wanted.via or policy.via, fleet.environ)


def recall(fleet: BaseFleet, topic: str) -> Remembered:
    """Return what the journal keeps of the fleet's nodes under a topic."""
    book = journal.read(fleet.environ)
    try:
        found = book.recall(fleet.data.root, topic)
        return {node: (at, data) for node, (at, data) in found.items() if data}
    finally:
        book.close()


def plan(
    selection: BaseSelection, wanted: Wanted = HEAD, terms: Terms = TERMS, *, expire: bool = False
) -> Inspection:
    """Return what a revision would change on each node; nodes that are down are rendered here.

    Args:
        selection: the nodes.
        wanted: what they are to get.
        terms: with the limits.
        expire: have nodes first revert changes whose time is over, as an apply needs it.

    Raises:
        StentorError: the revision cannot be found.
        Refused: somebody else changes one of the nodes, so that nothing can be said of it.
    """
    fleet = selection.fleet
    repository = repository_of(fleet, wanted)
    rev = repository.resolve(wanted.rev)
    held = {alias: str(data.get("rev", "")) for alias, (_, data) in recall(fleet, HELD).items()}
    sent = sources.bundle(repository.source, rev, fleet.environ) if repository.via == "push" else None
    request = ChangeRequest(
        operation_name(),
        new_token(),
        rev=rev,
        source=repository.source,
        bundle=sent,
        overwrite=wanted.overwrite,
        again=wanted.again,
        held=held,
        typed=_typed(wanted),
    )
    reach = _reach(selection, terms)
    seen = inspect(reach, selection.nodes, request)
    if not expire:
        return seen
    if seen.unsettled:
        refuse_locked(reach, seen.unsettled)  # or their state would be told, and not who changes them
    return revert_expired(reach, selection.nodes, seen)


def _typed(wanted: Wanted) -> tuple[str, ...]:
    """Return the options that the same change needs again."""
    given = [("--source", wanted.source), ("--via", wanted.via)]
    given += [("--overwrite", kind) for kind in wanted.overwrite]
    return tuple(word for name, value in given if value for word in (name, value))


def rollback_plan(
    selection: BaseSelection, to: str = "", terms: Terms = TERMS, *, overwrite: tuple[str, ...] = ()
) -> Inspection:
    """Return what each node's own snapshots would bring back."""
    if not selection.nodes:
        raise UsageError("no nodes are selected")
    request = ChangeRequest(operation_name(), new_token(), to=to, overwrite=overwrite)
    return preview_rollback(_reach(selection, terms), selection.nodes, request)


def apply_operation(
    selection: BaseSelection,
    seen: Inspection,
    terms: Terms = TERMS,
    *,
    kind: str = "dotfiles apply",
    selector: str = "",
) -> Operation:
    """Return the operation that brings nodes to a revision.

    Raises:
        Refused: a node has a blocker.
    """
    seen.refuse_blocked()
    from stentor.sh.quoting import quoted

    request = seen.request
    command = "stentor dotfiles init" if kind == "dotfiles init" else "stentor dotfiles apply"
    waves = _waves(selection, seen, terms)
    change = DotfilesChange(selection.fleet.data.policy.dotfiles, request, kind)

    def rest(nodes: Sequence[str], _: int) -> str:
        again = ("--again",) if request.again or change.reverted & {*nodes} else ()
        words = quoted(("--rev", request.rev, *request.typed, *again))
        return f"{command} {','.join(nodes)} {words}"

    catch_up = CatchUp(
        selection.fleet.data.root,
        missed=MISSED,
        held=HELD,
        revision=request.rev,
        name=request.op,
        down=seen.down,
        settled=seen.up_to_date,
        command="stentor dotfiles catch-up",
    )
    options = {
        "via": "push" if request.bundle else "remote",
        "overwrite": list(request.overwrite),
        "again": request.again,
    }
    wanted = _request(selection, change, selector, options)._replace(rest=rest)
    return _operation(selection, wanted, change, terms, waves, seen.outcomes, catch_up)


def rollback_operation(
    selection: BaseSelection, seen: Inspection, terms: Terms = TERMS, *, selector: str = ""
) -> Operation:
    """Return the operation that takes nodes back by the snapshots which they have kept."""
    request = seen.request
    change = DotfilesChange(selection.fleet.data.policy.dotfiles, request, "dotfiles rollback")
    to = f" --to {request.to}" if request.to else ""
    wanted = _request(selection, change, selector, {"overwrite": list(request.overwrite)})._replace(
        rest=lambda nodes, _: f"stentor dotfiles rollback {','.join(nodes)}{to}"
    )
    # Only the node knows what it has after a rollback, so the journal keeps nothing.
    catch_up = CatchUp(selection.fleet.data.root, missed=MISSED, held=HELD, revision="")
    return _operation(
        selection, wanted, change, terms, _waves(selection, seen, terms), seen.outcomes, catch_up
    )


def missed(selection: BaseSelection) -> list[tuple[str, BaseSelection]]:
    """Return what nodes missed while they were down: each revision, and the nodes which lack it."""
    remembered = recall(selection.fleet, MISSED)
    late: dict[str, list[str]] = {}
    for alias in aliases_of(selection):
        if alias in remembered:
            late.setdefault(str(remembered[alias][1].get("rev", "")), []).append(alias)
    return [(rev, _among(selection, aliases)) for rev, aliases in late.items()]


def confirm_operation(selection: BaseSelection, terms: Terms = TERMS, *, selector: str = "") -> Operation:
    """Return the operation that keeps a change which waits to be confirmed.

    Raises:
        Refused: nothing waits.
    """
    return _decide(selection, DecideChange("confirm"), terms, selector)


def revert_operation(selection: BaseSelection, terms: Terms = TERMS, *, selector: str = "") -> Operation:
    """Return the operation that reverts a change which waits to be confirmed.

    Raises:
        Refused: nothing waits.
    """
    return _decide(selection, DecideChange("revert"), terms, selector)


def timer_operation(
    selection: BaseSelection, action: TimerAction, terms: Terms = TERMS, *, selector: str = ""
) -> Operation:
    """Return the operation that installs or removes the timer by which nodes pull by themselves.

    Raises:
        Refused: nodes have nothing to pull from.
    """
    change = TimerChange(action, selection.fleet.data.policy.dotfiles)
    return _operation(selection, _request(selection, change, selector), change, terms)


def timer_status(selection: BaseSelection, terms: Terms = TERMS) -> dict[str, TimerStatus]:
    """Return each node's timer."""
    return inspect_timer(_reach(selection, terms), selection.nodes)


def status(
    selection: BaseSelection, rev: str, source: sources.Source, terms: Terms = TERMS
) -> dict[str, NodeStatus]:
    """Return how each node's dotfiles stand.

    Args:
        selection: the nodes.
        rev: the exact commit to compare with; empty if none is known.
        source: with the clone that can count commits.
        terms: with the limits.
    """
    reach = _reach(selection, terms)
    return inspect_status(reach, selection.nodes, source, rev, recall(selection.fleet, MISSED))


def _reach(selection: BaseSelection, terms: Terms) -> Reach:
    fleet = selection.fleet
    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return reach._replace(known=fleet.facts())


def _among(selection: BaseSelection, aliases: Sequence[str]) -> BaseSelection:
    nodes = tuple(node for node in selection.nodes if node.alias in aliases)
    return type(selection)(selection.fleet, nodes)


def _waves(selection: BaseSelection, seen: Inspection, terms: Terms) -> Plan:
    """Return the waves; where the named canary has the revision already, the policy names one."""
    check(selection, terms)
    fleet, chosen = selection.fleet, _among(selection, seen.to_change)
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


def _decide(selection: BaseSelection, change: DecideChange, terms: Terms, selector: str) -> Operation:
    pending, others = waiting(_reach(selection, terms), selection.nodes)
    if not pending and all(outcome.ok for outcome in others):
        raise Refused("no change waits to be confirmed there", hint="see 'stentor dotfiles status'")
    return _operation(selection, _request(selection, change, selector), change, terms, None, others)


def _request(
    selection: BaseSelection, change: Change, selector: str, options: Mapping[str, Any] | None = None
) -> Request:
    op = f" ({change.request.op})" if isinstance(change, DotfilesChange) else ""
    title = f"{change.title}{op}"
    return request_of(selection, change.name, title, selector, options=options or {}, lock=True, marked=False)


def _operation(
    selection: BaseSelection,
    request: Request,
    change: Change,
    terms: Terms,
    plan: Plan | None = None,
    known: Sequence[Outcome] = (),
    catch_up: CatchUp | None = None,
) -> Operation:
    reach, switches = _reach(selection, terms), terms.switches
    return Operation(reach, request, change, plan, switches=switches, catch_up=catch_up, known=known)
