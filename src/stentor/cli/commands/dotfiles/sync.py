"""``stentor dotfiles sync``: bring this node alone to the head of the branch."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """As apply, here."""
    session = Session(arguments, context, "@self")
    return bring(session, session.wanted(), short=not arguments.show_diff)
