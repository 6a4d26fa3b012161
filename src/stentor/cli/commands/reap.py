"""``stentor reap``: end what operations left on nodes whose stentor was killed.

``run`` starts this by itself, when it dies or when it finds that another one did; it is listed
so that it can be started by hand.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

if TYPE_CHECKING:
    from stentor.journal import Journal
    from stentor.journal.operation import NodeRecord, Record

EXAMPLES = """
stentor reap        end what killed operations left on their nodes, and close them in the journal
"""

# How long a process that is gone may take to be seen as gone; the guardian begins at its end.
_WAIT = 0.05


def configure(parser: Parser) -> None:
    """There are no arguments."""
    del parser


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Find killed operations, and finish each."""
    from stentor import journal
    from stentor.journal.query import claim, unended

    del arguments
    book = journal.open(context.environ)
    left = unended(book)
    if not left:
        time.sleep(_WAIT)
        left = unended(book)
    for record in left:
        if claim(book, record):
            _finish(book, record, context)
    book.close()
    return 0


def _finish(book: Journal, record: Record, context: Context) -> None:
    open_ends = [node for node in record.nodes if not node.kind]
    said = _ended(record, open_ends, context) if record.word else {}
    from stentor.outcome import Outcome

    for node in open_ends:
        remote = said.get(node.node, "may still run: the node was not reached" if node.started else "")
        outcome = Outcome(
            node.node,
            "cancelled",
            reason="stentor was killed",
            started=node.started or bool(remote),
            remote=remote,
        )
        book.amend(record.id, outcome)
        if remote:
            context.stdout.write(f"operation {record.id}: {node.node}: {remote}\n")
    book.end(record.id, None, "stentor was killed; what it had left on the nodes was ended")


def _ended(record: Record, nodes: list[NodeRecord], context: Context) -> dict[str, str]:
    """Ask each node to end what is left; return what became of it where the node was reached."""
    from stentor.api.fleet import Fleet, Selection
    from stentor.errors import StentorError
    from stentor.fanout import reap
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings, Task

    try:
        fleet = Fleet.open(record.fleet, environ=context.environ)
    except StentorError:
        return {}
    known = fleet.data.nodes
    age = time.time() - record.began
    tasks = [
        Task(known[node.node], reap.command(record.word, node.pid, age))
        for node in nodes
        if node.node in known
    ]
    user = record.options.get("user")
    selection = Selection(fleet, tuple(task.node for task in tasks))
    said = {}
    for result in collect(selection.fan_out(tasks, Settings(timeout=30, user=user))):
        if result.outcome.started:
            words = result.text.split()
            said[result.node] = reap.WORDS.get(
                words[-1] if words else "", "may still run: the node did not say"
            )
    return said
