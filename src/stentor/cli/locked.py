"""Hold the fleet lock for as long as nodes are being changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stentor.cli.context import Context
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.fleet import Selection
    from stentor.rollout.lock import Claim


def claim(context: Context, what: str) -> Claim:
    """Whose a lock is to be: this user's, for ``what``."""
    from stentor.journal.owner import identity, origin
    from stentor.rollout.lock import Claim, token_of

    user, host, *_ = origin(context.environ)
    who = f"{user}@{host}"
    return Claim(token_of("stentor-" + os.urandom(8).hex(), identity()), who, time.time(), what)


@contextmanager
def locked(selection: Selection, context: Context, what: str) -> Iterator[None]:
    """Take the lock of every node that can be reached, and give it back at the end.

    Raises:
        Refused: somebody else has it; what was taken is given back.
    """
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.journal.owner import gone
    from stentor.rollout import lock

    mine = claim(context, what)
    settings = Settings(timeout=10, connect_timeout=5)

    def take(nodes: Selection) -> dict[str, lock.Held]:
        results = collect(nodes.stream(lock.take(*mine[:4]), settings))
        found = {result.node: lock.answer(result.text) for result in results if result.ok}
        return {node: held for node, held in found.items() if held}

    try:
        held = take(selection)
        left = {node: one.token for node, one in held.items() if gone(lock.process_of(one.token))}
        for token in sorted(set(left.values())):
            # A stentor of this machine was killed before it could give them back.
            nodes = _only(selection, [node for node in left if left[node] == token])
            for _ in collect(nodes.stream(lock.give(token), settings)):
                pass
        if left:
            held = {node: one for node, one in held.items() if node not in left}
            held |= take(_only(selection, list(left)))
        if held:
            raise lock.refusal(held)
        yield
    finally:
        for _ in collect(selection.stream(lock.give(mine.token), settings)):
            pass


def _only(selection: Selection, names: list[str]) -> Selection:
    from stentor.api.fleet import Selection

    return Selection(selection.fleet, tuple(node for node in selection.nodes if node.alias in names))
