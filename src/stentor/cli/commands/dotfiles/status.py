"""``stentor dotfiles status``: how each node's dotfiles stand; writes nothing."""

from __future__ import annotations

import argparse
import time

from stentor.api.dotfiles import repository_of, status
from stentor.cli.commands.dotfiles.session import Session
from stentor.cli.context import Context
from stentor.errors import StentorError
from stentor.render.dotfiles import record_of_status, show_status


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """A line for each node."""
    session = Session(arguments, context)
    repository = repository_of(session.fleet, session.wanted())
    rev, problem = "", ""
    try:
        rev = repository.resolve(arguments.rev)
    except StentorError as error:
        if arguments.rev:
            raise
        problem = str(error)
    found = status(session.selection, rev, repository.source, session.terms)
    rows = [record_of_status(one) for one in found.values()]
    for row in rows:
        session.write(row)
    if not session.json:
        show_status(session.screen, rows, time.time())
    branch = repository.source.branch
    session.say(f"{branch} is at {rev[:10]}" if rev else f"the head of {branch} is not known: {problem}")
    return session.finish(one.outcome for one in found.values())
