"""Times of day, whether it is quiet now and the nightly look is due; and when something is tried again."""

from __future__ import annotations

from datetime import date, datetime


def minutes(text: str) -> int:
    """Return the minutes since midnight of ``03:00``."""
    hour, _, minute = text.strip().partition(":")
    return int(hour) * 60 + int(minute)


def is_quiet(span: str, now: datetime) -> bool:
    """Whether a time lies in a span of the day such as ``22:00-07:00``; an empty one has no times.

    Args:
        span: its end does not belong to it; one that ends before it begins goes over midnight.
        now: by the clock of this machine.
    """
    begin, dash, end = span.partition("-")
    if not dash:
        return False
    first, last, at = minutes(begin), minutes(end), now.hour * 60 + now.minute
    return first <= at < last if first <= last else at >= first or at < last


def is_due(nightly: str, last: str, now: datetime) -> bool:
    """Whether the nightly look is due: its time has come today, and it was not done today.

    Args:
        nightly: a time of day; empty for never.
        last: the day on which it was done last, as ``2026-11-29``; empty if never.
        now: by the clock of this machine.
    """
    if not nightly or now.hour * 60 + now.minute < minutes(nightly):
        return False
    return not last or date.fromisoformat(last) < now.date()


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
