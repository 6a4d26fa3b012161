"""``stentor dotfiles plan``: what would change on each node; writes nothing."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import plan, repository_of
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import show_plan
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Show what one exact revision would change."""
    session = Session(arguments, context)
    wanted = session.wanted()
    seen = plan(session.selection, wanted, session.terms)
    session.say(f"at {repository_of(session.fleet, wanted).title(seen.request.rev)}")
    show_plan(session, seen, short=arguments.short)
    return session.finish(visit.outcome for visit in seen.visits.values())
