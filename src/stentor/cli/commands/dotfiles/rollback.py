"""``stentor dotfiles rollback``: back, by the snapshots that the nodes have kept."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import rollback_operation, rollback_plan
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import show_plan
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Show what would be brought back, ask, and do it."""
    session = Session(arguments, context)
    selection = session.selection
    seen = rollback_plan(selection, arguments.to or "", session.terms, overwrite=tuple(arguments.overwrite))
    names = ", ".join(node.alias for node in selection.nodes)
    session.say(f"{names}: {seen.request.title}")
    show_plan(session, seen, short=arguments.short)
    ready = seen.to_change
    if arguments.dry_run or not ready:
        session.say("dry run: nothing was changed" if arguments.dry_run else "nothing to do")
        return session.finish([*seen.outcomes, *(seen.visits[alias].outcome for alias in ready)])
    session.ask(f"roll back {', '.join(ready)}?")
    return session.carry_out(rollback_operation(selection, seen, session.terms, selector=session.selector))
