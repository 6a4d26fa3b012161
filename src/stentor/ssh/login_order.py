"""In which order nodes log in where not all of them can do so at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

DOWN = -1
"""In place of what the last login took: the node did not answer."""


def places(aliases: Collection[str], last: Mapping[str, int]) -> dict[str, int]:
    """Return each node's place; the smallest logs in first, equals stay as they are.

    A slow login that begins last is waited for alone at the end, so those that took longest come first.
    Those without a known time stand where the others have their middle. Those that did not answer come last:
    each of them keeps a slot until its time is over. Times are equal up to a factor of two, so that what is
    only noise changes no order.

    Args:
        last: what each node's last login took in milliseconds, or ``DOWN``.
    """
    known = sorted(last[alias] for alias in aliases if last.get(alias, DOWN) != DOWN)
    middle = known[len(known) // 2] if known else 0

    def place(took: int) -> int:
        return 1 if took == DOWN else -took.bit_length()

    return {alias: place(last.get(alias, middle)) for alias in aliases}
