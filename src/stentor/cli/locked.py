"""Hold the fleet lock for as long as nodes are being changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.errors import Refused

if TYPE_CHECKING:
    from stentor.api import Selection


@contextmanager
def locked(selection: Selection, context: Context, what: str) -> Iterator[None]:
    """Take the lock of every node that can be reached, and give it back at the end.

    Raises:
        Refused: somebody else has it; what was taken is given back.
    """
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.rollout import lock

    token = "stentor-" + os.urandom(8).hex()
    user = context.environ.get("USER") or context.environ.get("LOGNAME") or str(os.getuid())
    who = f"{user}@{os.uname().nodename}"
    settings = Settings(timeout=10, connect_timeout=5)
    held = {}
    try:
        for result in collect(selection.stream(lock.take(token, who, time.time(), what), settings)):
            found = lock.answer(result.text) if result.ok else None
            if found:
                held[result.node] = found
        if held:
            first, *others = [f"{node}: {found}" for node, found in held.items()]
            more = f" (and {len(others)} more nodes)" if others else ""
            raise Refused(
                first + more, hint="wait for it, or talk to each other; a lock is stale after an hour"
            )
        yield
    finally:
        for _ in collect(selection.stream(lock.give(token), settings)):
            pass
