"""``stentor dotfiles confirm``: keep a change that waits to be confirmed."""

from __future__ import annotations

import argparse

from stentor.api.dotfiles import confirm_operation
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Keep it: an operator has looked, so no login is tried."""
    session = Session(arguments, context)
    return session.carry_out(confirm_operation(session.selection, session.terms, selector=session.selector))
