"""Nodes that have applied their part wait to be confirmed: their deadlines are renewed while others go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from stentor.engines.reach import Reach
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
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(window / _OF_WINDOW):
            texts = {alias: program.compose(()) for alias in tuple(waiting())}
            visits(reach._replace(ask=None), texts, "renew", _SECONDS, op=op)

    thread = threading.Thread(target=work, name="stentor-deadlines", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
