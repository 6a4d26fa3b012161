"""``stentor reap``: clean up processes that interrupted runs left on their nodes.

``run`` starts this by itself, when it is killed or when it finds that another one was; it is listed
so that it can be started by hand.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.journal.operation import NodeRecord, Record

EXAMPLES = """
stentor reap        clean up processes left by interrupted runs, and close those runs in the journal
"""

# Seconds until a process that has ended is seen as ended: reap starts at that moment.
_WAIT = 0.05


def configure(parser: Parser) -> None:
    """There are no arguments."""
    del parser


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Find interrupted operations, and finish each."""
    from stentor import journal
    from stentor.journal.query import unended

    del arguments
    reader = journal.read(context.environ)
    left = unended(reader)
    if not left:
        time.sleep(_WAIT)
        left = unended(reader)
    reader.close()
    for record in left:
        _finish(record, context)
    return 0


def _finish(record: Record, context: Context) -> None:
    from stentor import journal
    from stentor.api.fleet import Fleet
    from stentor.errors import StentorError
    from stentor.fleet.policy.sections import Journal
    from stentor.fleet.policy.values import Keep
    from stentor.journal.query import claim
    from stentor.outcome import Outcome

    fleet = None
    policy = Journal(keep=Keep())  # where the fleet does not say any more what is kept
    try:
        fleet = Fleet.open(record.fleet, environ=context.environ)
        policy = fleet.data.policy.journal
    except StentorError:
        pass
    book = journal.open(context.environ, policy, record.fleet)
    if not claim(book, record):
        book.close()
        return
    open_ends = [node for node in record.nodes if not node.kind]
    said = _ended(record, open_ends, fleet) if record.word and fleet else {}
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
    book.close()


def _ended(record: Record, nodes: list[NodeRecord], fleet: Fleet) -> dict[str, str]:
    """Ask each node to end what is left; return what became of it where the node was reached."""
    from stentor.api.fleet import Selection
    from stentor.fanout import reap
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings, Task

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
