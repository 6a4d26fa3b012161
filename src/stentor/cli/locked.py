"""Hold the fleet lock for as long as nodes are being changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stentor.cli.context import Context

if TYPE_CHECKING:
    from stentor.api import Selection
    from stentor.rollout.lock import Claim


def claim(context: Context, what: str) -> Claim:
    """Whose a lock is to be: this user's, for ``what``."""
    from stentor.rollout.lock import Claim

    user = context.environ.get("USER") or context.environ.get("LOGNAME") or str(os.getuid())
    who = f"{user}@{os.uname().nodename}"
    return Claim("stentor-" + os.urandom(8).hex(), who, time.time(), what)


@contextmanager
def locked(selection: Selection, context: Context, what: str) -> Iterator[None]:
    """Take the lock of every node that can be reached, and give it back at the end.

    Raises:
        Refused: somebody else has it; what was taken is given back.
    """
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.rollout import lock

    mine = claim(context, what)
    settings = Settings(timeout=10, connect_timeout=5)
    held = {}
    try:
        for result in collect(selection.stream(lock.take(*mine[:4]), settings)):
            found = lock.answer(result.text) if result.ok else None
            if found:
                held[result.node] = found
        if held:
            raise lock.refusal(held)
        yield
    finally:
        for _ in collect(selection.stream(lock.give(mine.token), settings)):
            pass
