"""``stentor dotfiles timer``: nodes pull by themselves, in the same transaction."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import timer_operation, timer_status
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.context import Context
from stentor.outcome import Outcome
from stentor.render.json_dotfiles import Timer


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Install, remove, or ask for it."""
    session = Session(arguments, context)
    if arguments.action != "status":
        operation = timer_operation(
            session.selection, arguments.action, session.terms, selector=session.selector
        )
        return session.carry_out(operation, _record)
    found = timer_status(session.selection, session.terms)
    for alias, (outcome, timer) in found.items():
        session.write(Timer(alias, outcome.kind, timer, outcome.reason))
        session.print([f"{alias}: {timer or 'none' if outcome.ok else outcome.reason}"])
    return session.finish(one.outcome for one in found.values())


def _record(outcome: Outcome) -> Timer:
    """What keeps the timer is the reason of an outcome that is ok."""
    timer, reason = (outcome.reason, "") if outcome.ok else ("", outcome.reason)
    return Timer(outcome.node, outcome.kind, timer, reason)
