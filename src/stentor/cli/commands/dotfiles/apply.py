"""``stentor dotfiles apply``: bring nodes to a revision."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Plan, ask, apply."""
    session = Session(arguments, context)
    return bring(session, session.wanted(), short=arguments.short)
