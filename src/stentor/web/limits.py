"""How many requests one address may make: a bucket of tokens for each, refilled with time."""

from __future__ import annotations

from collections import OrderedDict

_MOST = 4096  # addresses that are kept; those that came longest ago are forgotten first


class Rate:
    """A limit per key."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst  # so many at once
        self._per_second = per_second  # so many are added each second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one token; return 0.0, or the seconds until there is one again.

        Args:
            key: an address.
            now: seconds of a clock that never goes back.
        """
        wait = self.wait(key, now)
        left = self._now(key, now)
        self._left.pop(key, None)
        self._left[key] = (left if wait else left - 1, now)
        while len(self._left) > _MOST:
            self._left.popitem(last=False)
        return wait

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until there is a token, and take none."""
        left = self._now(key, now)
        return 0.0 if left >= 1 else (1 - left) / self._per_second

    def _now(self, key: str, now: float) -> float:
        left, at = self._left.get(key, (self._burst, now))
        return min(self._burst, left + (now - at) * self._per_second)
