"""A plan shown, confirmed and carried out: what apply, init, sync, push and catch-up have in common."""

from __future__ import annotations

from stentor.api.base import BaseSelection
from stentor.api.dotfiles import Wanted, plan, repository_of
from stentor.api.dotfiles_acting import apply_operation
from stentor.cli.commands.dotfiles.session import Session
from stentor.dotfiles.answer import NodePlan
from stentor.dotfiles.inspect import Inspection
from stentor.outcome import NOT_REACHED, Report
from stentor.render.dotfiles import planned, show_plans
from stentor.render.names import brief
from stentor.render.summary import say_hints


def show_plan(session: Session, seen: Inspection, *, short: bool = False) -> None:
    """Write a plan: conflicts first, nodes that change in the same way together."""
    for alias, visit in seen.visits.items():
        found = seen.plans.get(alias) or seen.assumed.get(alias) or NodePlan()
        session.write(planned(visit.outcome, found, assumed=alias in seen.assumed))
    if session.json:
        return
    show_plans(session.screen, seen, short=short)
    refused = (visit.outcome for alias, visit in seen.visits.items() if alias not in seen.plans)
    say_hints(
        session.screen,
        Report(outcome for outcome in refused if outcome.kind not in NOT_REACHED),
        session.fleet.groups,
    )


def say_revision(session: Session, wanted: Wanted, rev: str) -> None:
    """Say which revision it is, and what lies in the clone that is not part of it."""
    repository = repository_of(session.fleet, wanted)
    session.say(f"at {repository.title(rev)}")
    if not wanted.rev and repository.has_edits():
        session.say(
            f"hint: edits in {repository.source.clone} are not committed, and not in this revision;"
            " stentor dotfiles push SELECTOR -m MESSAGE takes them"
        )


def bring(
    session: Session,
    wanted: Wanted,
    *,
    short: bool = False,
    selection: BaseSelection | None = None,
    declined: str = "nothing was changed",
) -> int:
    """Plan, ask, and bring nodes to a revision; return the exit code.

    Args:
        short: without differences.
        selection: the nodes, in place of the session's.
        declined: the hint after a no.

    Raises:
        Refused: a node has a blocker, or it was not confirmed.
    """
    selection = selection or session.selection
    dry_run = session.arguments.dry_run
    seen = plan(selection, wanted, session.terms, expire=not dry_run)
    for alias, op, why in seen.expired:
        session.say(f"{alias}: {op} was not confirmed in time and is reverted: {why}")
    say_revision(session, wanted, seen.request.rev)
    show_plan(session, seen, short=short)
    if dry_run:
        session.say("dry run: nothing was changed")
        ready = (seen.visits[alias].outcome for alias in seen.to_change)
        return session.finish([*seen.outcomes, *ready])
    kind = f"dotfiles {session.arguments.verb}"
    operation = apply_operation(selection, seen, session.terms, kind=kind)
    if seen.to_change:
        session.ask(
            f"bring {brief(seen.to_change, 60, session.fleet.groups)} to {seen.request.rev[:10]}?", declined
        )
    else:
        session.say("nothing to do" + (" on the nodes that were reached" if seen.down else ""))
    return session.bring(operation)
