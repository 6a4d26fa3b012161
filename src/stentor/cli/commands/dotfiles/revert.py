"""``stentor dotfiles revert``: revert a change that waits to be confirmed."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import revert_operation
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Revert it at once."""
    session = Session(arguments, context)
    return session.carry_out(revert_operation(session.selection, session.terms, selector=session.selector))
