"""``stentor dotfiles init``: set up dotfiles on a node that has none."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.commands.dotfiles.showing import bring
from stentor.cli.context import Context


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """As apply; files that existed before chezmoi are expected, and kept in the snapshot."""
    session = Session(arguments, context)
    return bring(session, session.wanted(overwrite=["existing"]), short=arguments.short)
