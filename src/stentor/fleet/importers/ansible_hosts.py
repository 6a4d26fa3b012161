"""Ansible's host patterns: names with ranges, and a port after a colon."""

from __future__ import annotations

import re
import string

MOST = 20_000

_LETTERS = string.ascii_letters
# A range inside a name: numbers, or one letter each, and a step.
_RANGE = r"\[(?:[0-9]+:[0-9]+|[A-Za-z]:[A-Za-z])(?::[0-9]+)?\]"
_LABEL = rf"(?:\w|{_RANGE})(?:[\w-]|{_RANGE})*(?<![_-])"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_WITH_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)\Z")
_NUMBER = re.compile(r"-?[0-9]{1,12}\Z", re.ASCII)
_IN_BRACKETS = re.compile(r"\[(.+)\]:([0-9]+)\Z")


class TooMany(ValueError):  # noqa: N818 - reads as what it says
    """A pattern stands for more hosts than we take."""

    def __init__(self) -> None:
        super().__init__(f"stands for more than {MOST} hosts")


def hosts_of(pattern: str) -> tuple[list[str], int | None]:
    """Return the names for which a pattern stands, and the port that it gives them.

    ``web[01:10]``, ``db-[a:f]``, ``n[0:10:2]``, ``gw:2200``, ``[2001:db8::1]:22``.

    Raises:
        ValueError: Ansible refuses it; the message says why.
        TooMany: we do.
    """
    name, port = pattern, None
    inside = _IN_BRACKETS.match(pattern)
    found = inside or _WITH_PORT.match(pattern)
    if found and (inside or _NAME.match(found[1])):
        name, port = found[1], int(found[2])
    return expand(name), port


def expand(pattern: str) -> list[str]:
    """Spell out the ranges of a name.

    Raises:
        ValueError: it has brackets that are no range.
        TooMany: it stands for more than ``MOST`` hosts.
    """
    names = [""]
    while "[" in pattern:
        head, _, rest = pattern.partition("[")
        inner, closing, pattern = rest.partition("]")
        if not closing:
            raise ValueError("a bracket is not closed")
        numbers = _sequence(inner)
        if len(names) * len(numbers) > MOST:
            raise TooMany
        names = [f"{name}{head}{number}" for name in names for number in numbers]
    return [name + pattern for name in names]


def _sequence(inner: str) -> list[str]:
    """The values of ``first:last`` or ``first:last:step``, without the brackets."""
    bounds = inner.split(":")
    if len(bounds) not in (2, 3):
        raise ValueError(f"[{inner}] is no range; ranges look like [1:40], [01:10] or [a:f]")
    first, last = bounds[0] or "0", bounds[1]
    if not last:
        raise ValueError(f"the range [{inner}] has no end")
    padded = first.startswith("0") and len(first) > 1
    if padded and len(first) != len(last):
        raise ValueError(f"the ends of the range [{inner}] are not equally long")
    step = _number(bounds[2], inner) if len(bounds) == 3 else 1
    if step == 0:
        raise ValueError(f"the range [{inner}] has steps of nothing")
    if first in _LETTERS and last in _LETTERS:
        start, end = _LETTERS.index(first), _LETTERS.index(last)
        if start > end:
            raise ValueError(f"the range [{inner}] goes backwards")
        return list(_LETTERS[start : end + 1 : step])
    numbers = range(_number(first, inner), _number(last, inner) + 1, step)
    if len(numbers) > MOST:
        raise TooMany
    return [str(number).zfill(len(first) if padded else 0) for number in numbers]


def _number(text: str, inner: str) -> int:
    if not _NUMBER.match(text):
        raise ValueError(f"[{inner}] is no range; ranges look like [1:40], [01:10] or [a:f]")
    return int(text)
