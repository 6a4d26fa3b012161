"""What a script wrote in its session on each node, with our clock around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from stentor.fanout.events import Event, Finished, Output, Progress, Started
from stentor.outcome import Outcome


class Session(NamedTuple):
    """One node's answer."""

    outcome: Outcome  # of the session
    output: bytes  # its standard output
    began: float  # the earliest time at which the script can have begun, in seconds since 1970
    answered: float  # the latest time at which it can have told the node's time


def sessions(
    events: Iterable[Event],
    *,
    most_bytes: int,
    mark: bytes = b"",
    clock: Callable[[], float] = time.time,
) -> Iterator[Session | Progress]:
    """Turn the events of a fan-out into an answer for each node, as soon as it is done.

    Args:
        most_bytes: output of a node beyond this is dropped.
        mark: what a script writes right after the node's time; without one, its end counts.
        clock: this machine's, in seconds since 1970.
    """
    outputs: dict[str, bytearray] = {}
    began: dict[str, float] = {}
    answered: dict[str, float] = {}
    away = 0.0
    for event in events:
        if isinstance(event, Started):
            began.setdefault(event.node, clock())
        elif isinstance(event, Output):
            began.setdefault(event.node, clock())
            output = outputs.setdefault(event.node, bytearray())
            if event.stream == "stdout" and len(output) < most_bytes:
                output += event.data
                if mark and event.node not in answered and mark in output:
                    answered[event.node] = clock()
        elif isinstance(event, Finished):
            now, alias = clock(), event.node
            output = outputs.pop(alias, bytearray())
            # The engine's count of seconds tells when it began, if that came late to us. All may be late
            # by the time which the caller took meanwhile.
            start = min(began.get(alias, now), now - event.outcome.seconds) - away
            before = clock()
            yield Session(event.outcome, bytes(output), start, answered.get(alias, now))
            away += clock() - before
        elif isinstance(event, Progress):
            yield event
