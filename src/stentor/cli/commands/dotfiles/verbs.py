"""The verbs of ``stentor dotfiles``, but for ``push``: each is given a session and returns the exit code."""

from __future__ import annotations

import time

from stentor.api import dotfiles as api
from stentor.api import dotfiles_acting as acting
from stentor.cli.commands.dotfiles.push import show_secrets
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring, say_revision, show_plan
from stentor.errors import StentorError
from stentor.outcome import Outcome
from stentor.render.dotfiles import record_of_status, show_diff, show_status
from stentor.render.json_dotfiles import Timer, Working
from stentor.render.names import brief


def status(session: Session) -> int:
    """Show how each node's dotfiles stand; write nothing."""
    repository = api.repository_of(session.fleet, session.wanted())
    rev = problem = hint = ""
    try:
        rev = repository.resolve(session.arguments.rev)
    except StentorError as error:
        if session.arguments.rev:
            raise
        problem, hint = str(error), error.hint
    with session.waiting():
        found = api.status(session.selection, rev, repository.source, session.terms, keeping=True)
    rows = [record_of_status(one) for one in found.values()]
    for row in rows:
        session.write(row)
    if not session.json:
        show_status(session.screen, rows, time.time())
    branch = repository.source.branch
    session.say(f"{branch} is at {rev[:10]}" if rev else f"the head of {branch} is not known: {problem}")
    if hint:
        session.say(f"hint: {hint}")
    return session.finish(one.outcome for one in found.values())


def plan(session: Session) -> int:
    """Show what one exact revision would change; write nothing."""
    wanted = session.wanted()
    with session.waiting():
        seen = api.plan(session.selection, wanted, session.terms, keeping=True)
    say_revision(session, wanted, seen.request.rev)
    show_plan(session, seen, short=session.arguments.short)
    return session.finish(visit.outcome for visit in seen.visits.values())


def apply(session: Session) -> int:
    """Bring nodes to a revision."""
    return bring(session, session.wanted(), short=session.arguments.short)


def sync(session: Session) -> int:
    """Bring this node alone to the head of the branch."""
    return bring(session, session.wanted(), short=not session.arguments.show_diff)


def init(session: Session) -> int:
    """As apply; files that existed before chezmoi are expected, and kept in the snapshot."""
    return bring(session, session.wanted(overwrite=["existing"]), short=session.arguments.short)


def catch_up(session: Session) -> int:
    """As apply, for each revision that some of the nodes missed."""
    late = api.missed(session.selection)
    if not late:
        session.say("no node has missed anything")
        return session.finish([])
    return max(bring(session, session.wanted(rev), short=True, selection=nodes) for rev, nodes in late)


def rollback(session: Session) -> int:
    """Show what the nodes' snapshots would bring back, ask, and do it."""
    arguments, selection = session.arguments, session.selection
    overwrite = tuple(arguments.overwrite)
    seen = api.rollback_plan(selection, arguments.to or "", session.terms, overwrite=overwrite)
    names = brief([node.alias for node in selection.nodes], 60, session.fleet.groups)
    session.say(f"{names}: {seen.request.title}")
    show_plan(session, seen, short=arguments.short)
    ready = seen.to_change
    if arguments.dry_run or not ready:
        session.say("dry run: nothing was changed" if arguments.dry_run else "nothing to do")
        return session.finish([*seen.outcomes, *(seen.visits[alias].outcome for alias in ready)])
    session.ask(f"roll back {brief(ready, 60, session.fleet.groups)}?")
    made = acting.rollback_operation(selection, seen, session.terms)
    return session.bring(made)


def confirm(session: Session) -> int:
    """Keep a change that waits to be confirmed: an operator has looked, so no login is tried."""
    made = acting.confirm_operation(session.selection, session.terms)
    return session.bring(made)


def revert(session: Session) -> int:
    """Revert a change that waits to be confirmed, at once."""
    made = acting.revert_operation(session.selection, session.terms)
    return session.bring(made)


def adopt(session: Session) -> int:
    """Show a node's own edit of a file, ask, and commit it here."""
    arguments, selection = session.arguments, session.selection
    seen = api.adoption(
        selection, arguments.file, session.wanted(), session.terms, allowed=arguments.allow_secret
    )
    if seen.working:
        if not session.json:
            show_diff(session.screen, seen.diff.splitlines())
        session.write(Working(list(seen.working.changed), seen.working.ahead))
        show_secrets(session, seen.secrets)
        if arguments.dry_run:
            session.say("dry run: nothing was committed")
            return session.finish([seen.outcome])
    message = arguments.message or ""
    made = acting.adopt_operation(selection, seen, message, session.terms)
    if seen.working:
        session.ask("commit?", "nothing was committed")
    return session.bring(made)


def timer(session: Session) -> int:
    """Let nodes pull by themselves: install, remove, or ask for it."""
    action = session.arguments.action
    if action != "status":
        made = acting.timer_operation(session.selection, action, session.terms)
        return session.bring(made, _timer_record)
    with session.waiting():
        found = api.timer_status(session.selection, session.terms)
    for alias, (outcome, installed) in found.items():
        session.write(Timer(alias, outcome.kind, installed, outcome.reason))
        session.print([f"{alias}: {installed or 'none' if outcome.ok else outcome.reason}"])
    return session.finish(one.outcome for one in found.values())


def _timer_record(outcome: Outcome) -> Timer:
    """What keeps the timer is the reason of an outcome that is ok."""
    installed, reason = (outcome.reason, "") if outcome.ok else ("", outcome.reason)
    return Timer(outcome.node, outcome.kind, installed, reason)
