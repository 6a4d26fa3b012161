"""When something is tried again that did not work: later each time."""

from __future__ import annotations


class Retry:
    """The attempts of each key."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first  # seconds until the second attempt
        self._longest = longest  # seconds between two attempts at most
        self._next: dict[str, tuple[float, float]] = {}  # when, and the wait after that

    def due(self, key: str, now: float) -> bool:
        """Whether it may be tried; if so the next attempt comes later."""
        at, wait = self._next.get(key, (now, self._first))
        if now < at:
            return False
        self._next[key] = (now + wait, min(wait * 2, self._longest))
        return True

    def forget(self, key: str) -> None:
        """It worked, or something else is to be done: the next attempt may come at once."""
        self._next.pop(key, None)
