"""Durations as files and command lines write them: ``10``, ``1.5s``, ``200ms``, ``2m``, ``1h``, ``3d``."""

from __future__ import annotations

UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
"""Unit to seconds; a number without a unit is seconds."""

PATTERN = r"^\s*([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|min|h|d|w)?\s*$"
"""What ``parse`` accepts as text, for JSON Schema."""

HINT = "write 10, 1.5s, 2m or 1h"
LONGEST = 1e9  # seconds, 31 years


def parse(text: str) -> float:
    """Return the seconds that a text says.

    Args:
        text: a number and a unit of ``UNITS``.

    Raises:
        ValueError: it is not a duration, or is longer than ``LONGEST``; the message is for people.
    """
    words = text.strip(" \t\n")
    number = words.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = words[len(number) :]
    number = number.rstrip(" \t\n")
    digits = number.replace(".", "", 1)
    if unit not in UNITS or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"invalid duration '{text}': {HINT}")
    seconds = float(number) * UNITS[unit]
    if seconds > LONGEST:
        raise ValueError(f"invalid duration '{text}': at most {LONGEST:.0f} seconds")
    return seconds
