"""Deadlines of a deploy are renewed while other nodes go on; what nodes decided after stentor was killed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from stentor.engines.reach import Reach
from stentor.errors import StentorError
from stentor.fanout.cancellation import Cancellation
from stentor.operation.node_answer import outcomes
from stentor.outcome import Outcome
from stentor.services import program
from stentor.services.visit import visits

_OF_WINDOW = 3  # a node is told three times before its deadline: two may get lost
_SECONDS = 10.0


@contextmanager
def renewed(reach: Reach, op: str, window: int, waiting: Callable[[], Collection[str]]) -> Iterator[None]:
    """Renew the deadlines of nodes in the background until the block ends.

    A node that cannot be told keeps its deadline; what comes of it shows when it is to be confirmed.

    Args:
        op: the name of the change on the nodes.
        window: seconds that a node waits.
        waiting: says which nodes have applied their part.
    """
    stop, own = threading.Event(), Cancellation()
    # A request to stop is for the fan-out of the block to hear, and the journal is its own, too.
    apart = reach._replace(ask=None, cancellation=own, waits=None)

    def work() -> None:
        while not stop.wait(window / _OF_WINDOW):
            texts = {alias: program.compose(()) for alias in tuple(waiting())}
            with suppress(StentorError):  # no space for temporary files, it may be
                visits(apart, texts, "renew", _SECONDS, op=op)

    thread = threading.Thread(target=work, name="stentor-deadlines", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        own.request_at_once("the end")  # a node that hangs is not waited for
        thread.join()
        own.close()


def decided(reach: Reach, nodes: Sequence[str], op: str, why: str) -> dict[str, Outcome]:
    """Ask each node; return the outcomes of those that answered and know the change, by alias.

    Args:
        nodes: aliases of those on which it had begun.
        op: the change's name.
        why: what ended stentor, for reasons.
    """
    texts = {alias: program.compose(()) for alias in nodes}
    answers = visits(reach, texts, "decided", reach.settings.timeout or 30.0, op=op)
    states = {alias: seen.answer.one("state") for alias, seen in answers.items() if seen.answer}
    return outcomes(states, why)
