"""Values that a policy and a command line write as text: shares of nodes, sizes in bytes, how long to keep.

Every parser raises ValueError with a message for people. Durations are in :mod:`stentor.durations`.
"""

from __future__ import annotations

from stentor.errors import UsageError

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeVar

    T = TypeVar("T")

_SIZES = {"": 1, "k": 1024, "ki": 1024, "m": 1024**2, "mi": 1024**2, "g": 1024**3, "gi": 1024**3}
_DAYS = ("d", "day", "days")

SHARE_HINT = "write a number of nodes (3) or a share of them (25%)"
SIZES_HINT = "write 5, 25%, or several: 1,5,25%"
BYTES_HINT = "write bytes, 64k or 1M"
KEEP_HINT = "write 1000 (operations), 90d or forever"


# Tuples by hand: every start defines these, and named tuples take ten times as long to define.


class Share(tuple[int, bool]):
    """A number of nodes, or a percentage of them."""

    __slots__ = ()

    def __new__(cls, number: int, percent: bool = False) -> Self:
        """Make one."""
        return tuple.__new__(cls, (number, percent))

    @property
    def number(self) -> int:
        """How many nodes, or how many percent."""
        return self[0]

    @property
    def percent(self) -> bool:
        """Whether the number is a percentage."""
        return self[1]

    def __str__(self) -> str:
        return f"{self.number}%" if self.percent else str(self.number)

    def size(self, total: int) -> int:
        """Return the size of a wave of ``total`` nodes: rounded up, at least one node."""
        return max(1, -(-self.number * total // 100) if self.percent else self.number)

    def limit(self, total: int) -> int:
        """Return how many of ``total`` nodes may fail: rounded down, so 10 % of 5 nodes is none."""
        return self.number * total // 100 if self.percent else self.number


class Keep(tuple[int | None, float | None]):
    """How long operations stay in the journal: a number of them, an age, or forever."""

    __slots__ = ()

    def __new__(cls, operations: int | None = None, seconds: float | None = None) -> Self:
        """Make one."""
        return tuple.__new__(cls, (operations, seconds))

    @property
    def operations(self) -> int | None:
        """The number of operations that stay; None for no limit."""
        return self[0]

    @property
    def seconds(self) -> float | None:
        """The age up to which they stay; None for no limit."""
        return self[1]


def parse_share(text: str) -> Share:
    """Read ``3`` or ``25%``.

    Raises:
        ValueError: it is neither.
    """
    number, percent, rest = text.strip().partition("%")
    number = number.rstrip()
    if rest or not _digits(number) or (percent and int(number) > 100):
        raise ValueError(f"invalid number of nodes '{text}': {SHARE_HINT}")
    return Share(int(number), bool(percent))


def parse_wave_sizes(text: str) -> tuple[Share, ...]:
    """Read the sizes of waves: ``5``, ``25%`` or ``1,5,25%``.

    Raises:
        ValueError: a size is malformed or zero.
    """
    try:
        sizes = tuple(parse_share(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or any(size.number == 0 for size in sizes):
        raise ValueError(f"invalid size of a wave '{text}': {SIZES_HINT}")
    return sizes


def parse_size(text: str) -> int:
    """Read a size in bytes: ``65536``, ``64k``, ``1M``, ``1MiB``; ``k`` is 1024.

    Raises:
        ValueError: it is none.
    """
    words = text.strip().lower()
    number = words.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = words[len(number) :].strip().removesuffix("b")
    if not _digits(number) or unit not in _SIZES:
        raise ValueError(f"invalid size '{text}': {BYTES_HINT}")
    return int(number) * _SIZES[unit]


def parse_keep(text: str) -> Keep:
    """Read how long operations are kept: ``1000`` operations, ``90d``, or ``forever``.

    Raises:
        ValueError: it is none of these.
    """
    words = text.strip()
    if words in ("forever", "all"):
        return Keep()
    number = words.rstrip("days ")
    unit = words[len(number) :].strip()
    if not _digits(number) or not int(number) or unit not in ("", *_DAYS):
        raise ValueError(f"invalid time to keep '{text}': {KEEP_HINT}")
    return Keep(seconds=int(number) * 86400.0) if unit else Keep(operations=int(number))


def option(name: str, parse: Callable[[str], T], text: str) -> T:
    """Read the value of an option.

    Args:
        name: the option, for the message.
        parse: a parser that raises ValueError.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
