"""``stentor dotfiles catch-up``: bring nodes what they missed while they were down."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import missed
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """As apply, for each revision that some of the nodes missed."""
    session = Session(arguments, context)
    late = missed(session.selection)
    if not late:
        session.say("no node has missed anything")
        return session.finish([])
    return max(bring(session, session.wanted(rev), short=True, selection=nodes) for rev, nodes in late)
