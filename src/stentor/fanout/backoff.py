"""How long to wait before a node that was not reached is tried again."""

from __future__ import annotations

FIRST = 1.0  # seconds at most before the second try; doubled with each one
LONGEST = 30.0  # seconds


def pause(retry: int, chance: float) -> float:
    """Return the seconds to wait before a retry.

    Exponential, with half of it at random: nodes which failed together (a switch, a gateway that
    restarts) do not come back together.

    Args:
        retry: 1 for the first.
        chance: a random number from 0 to 1.
    """
    # A larger exponent is over the limit in any case.
    longest = min(LONGEST, FIRST * 2.0 ** min(retry - 1, 16))
    return longest * (0.5 + chance / 2)
