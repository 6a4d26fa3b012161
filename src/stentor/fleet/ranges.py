"""Patterns in the fleet file: ``node[1-40]`` stands for forty names, ``10.0.0.[1-40]`` for their addresses.

Unlike a node set, a pattern here is a list: as written, in order, so that names and addresses go in step.
"""

from __future__ import annotations

import re
from itertools import product

MOST = 10_000

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PART = re.compile(r"(\d+)(?:-(\d+)(?:/(\d+))?)?\Z", re.ASCII)


def is_pattern(text: str) -> bool:
    """Whether the text has brackets."""
    return "[" in text


def size(pattern: str) -> int:
    """How many names a pattern of ours or of ClusterShell's stands for, at most, without spelling it out."""
    total = 1
    for text in _BRACKETS.findall(pattern):
        total *= sum(_count("".join(part.split())) for part in text.split(","))
    return total


def _count(part: str) -> int:
    """How many numbers a part of a range has; ClusterShell takes all that is a number to Python."""
    ends, _, step = part.partition("/")
    first, _, last = ends.partition("-")
    if len(part) >= 40:
        return MOST + 1
    try:
        return max(0, int(last) - int(first)) // max(1, int(step or 1)) + 1
    except ValueError:  # a single number, or none
        return 1


def expand(pattern: str) -> list[str]:
    """Spell out a pattern: ``n[1-3,7]``, ``n[01-10]`` (padded), ``n[0-8/2]``, ``r[1-2]n[1-4]``.

    Raises:
        ValueError: malformed, or more than ``MOST`` names; the message says which.
    """
    pieces = _BRACKETS.split(pattern)  # text, range, text, range, ..., text
    if any("[" in piece or "]" in piece for piece in pieces):
        raise ValueError(f"the brackets of '{pattern}' do not match")
    choices = [[piece] if index % 2 == 0 else _numbers(piece, pattern) for index, piece in enumerate(pieces)]
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > MOST:
        raise ValueError(f"'{pattern}' stands for more than {MOST} names")
    return ["".join(parts) for parts in product(*choices)]


def _numbers(text: str, pattern: str) -> list[str]:
    numbers: list[str] = []
    for part in text.split(","):
        found = _PART.match(part.strip())
        if not found or len(part) > 40:
            raise ValueError(f"'{part}' is not a range in '{pattern}'; ranges look like 1-40, 01-10 or 0-8/2")
        first, last, step = found[1], found[2] or found[1], int(found[3] or 1)
        if int(last) < int(first):
            raise ValueError(f"the range {part} of '{pattern}' goes backwards")
        if step < 1:
            raise ValueError(f"the range {part} of '{pattern}' has steps of 0")
        if (int(last) - int(first)) // step >= MOST:
            raise ValueError(f"'{pattern}' stands for more than {MOST} names")
        numbers += [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1, step)]
    return numbers
