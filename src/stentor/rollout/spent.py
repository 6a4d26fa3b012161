"""How long a node took whose outcome is made of more than one session."""

from __future__ import annotations

from collections.abc import Callable

from stentor.outcome import Outcome


class Spent:
    """Times each node from the start of its first session.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: dict[str, float] = {}

    def until_now(self, outcome: Outcome) -> Outcome:
        """Return an outcome that has just come, with the seconds since its node's first one began."""
        now = self._clock()
        if outcome.node in self._began:
            return outcome._replace(seconds=now - self._began[outcome.node])
        self._began[outcome.node] = now - outcome.seconds
        return outcome
