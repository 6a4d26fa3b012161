"""Hold the fleet lock for as long as nodes are being changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fleet.model import Node
    from stentor.rollout.lock import Claim, Held

_HURRIED = 1.0  # seconds for giving back, once somebody does not want to wait


def claim(environ: Mapping[str, str], what: str) -> Claim:
    """Return whose a lock is to be: this user's, for ``what``."""
    from stentor.journal.owner import identity, origin
    from stentor.rollout.lock import Claim, token_of

    user, host, *_ = origin(environ)
    who = f"{user}@{host}"
    return Claim(token_of("stentor-" + os.urandom(8).hex(), identity()), who, time.time(), what)


@contextmanager
def locked(reach: Reach, nodes: Sequence[str], what: str) -> Iterator[None]:
    """Take the lock of every node that can be reached, and give it back at the end.

    Args:
        nodes: their aliases.
        what: what another operator is told.

    Raises:
        Refused: somebody else has it; what was taken is given back.
    """
    from stentor.journal.owner import gone
    from stentor.rollout import lock

    mine = claim(reach.environ, what)
    # Both are no part of the operation's own processes.
    reach = reach._replace(
        settings=reach.settings._replace(timeout=10, retries=0, fail_fast=False), environment={}
    )
    chosen = reach.nodes(nodes)
    try:
        held = _take(reach, chosen, mine)
        left = {node: one.token for node, one in held.items() if gone(lock.process_of(one.token))}
        for token in sorted(set(left.values())):
            # A stentor of this machine was killed before it could give them back.
            _give(reach, [node for node in chosen if left.get(node.alias) == token], token)
        if left:
            held = {node: one for node, one in held.items() if node not in left}
            held |= _take(reach, [node for node in chosen if node.alias in left], mine)
        if held:
            raise lock.refusal(held)
        yield
    finally:
        _give(reach, chosen, mine.token)


def refuse_locked(reach: Reach, nodes: Sequence[str]) -> None:
    """Say who changes one of these nodes just now; takes no lock.

    Raises:
        Refused: somebody else has the lock of one of them.
    """
    from stentor.fanout.collect import collect
    from stentor.journal.owner import gone
    from stentor.rollout import lock

    results = collect(reach.command(reach.nodes(nodes), lock.look()))
    found = {result.node: result.read(lock.parse, None)[1] for result in results}
    held = {node: one for node, one in found.items() if one and not gone(lock.process_of(one.token))}
    if held:
        raise lock.refusal(held)


def _take(reach: Reach, nodes: Sequence[Node], mine: Claim) -> dict[str, Held]:
    from stentor.fanout.collect import collect
    from stentor.rollout import lock

    with reach.ending() as ending:
        results = collect(ending.command(nodes, lock.take(*mine[:4])))
        found = {result.node: result.read(lock.parse, None)[1] for result in results}
    return {node: held for node, held in found.items() if held}


def _give(reach: Reach, nodes: Sequence[Node], token: str) -> None:
    """Give it back, also after a request to stop; a second one leaves it where a node does not answer."""
    from stentor.rollout import lock

    with _giving(reach) as giving:
        for _ in giving.command(nodes, lock.give(token)):
            pass


@contextmanager
def _giving(reach: Reach) -> Iterator[Reach]:
    cancellation = reach.cancellation
    if cancellation is None or cancellation.requests < 2:
        with reach.ending() as ending:
            yield ending
        return
    from threading import Timer

    # Nobody wants to wait; but nodes that answer soon are told, or others would be refused for an hour.
    with cancellation.renewed(anew=True) as renewed:
        limit = Timer(_HURRIED, renewed.request_at_once, (cancellation.reason,))
        limit.daemon = True
        limit.start()
        try:
            yield reach._replace(cancellation=renewed)
        finally:
            limit.cancel()
