"""Durations, moments and numbers as the command line writes them."""

from __future__ import annotations

import argparse
import re
import time

from stentor.errors import UsageError

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "": 1.0}
_AGO = re.compile(r"(\d+)\s*(s|m|min|h|d|w)(?:\s+ago)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def seconds(text: str) -> float:
    """Read a time: ``10``, ``1.5s``, ``200ms``, ``2m``, ``1h``."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(number) :].strip()
    try:
        value = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"'{text}' is no time; write 10, 1.5s, 2m or 1h") from None
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"'{text}' is no time to wait")
    return value


def count(text: str) -> int:
    """Read a number of nodes or tries: digits only."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no number; nodes are named without an option")
    return int(text)


def positive(text: str) -> int:
    """Read a number of nodes that is not nought."""
    number = count(text)
    if not number:
        raise argparse.ArgumentTypeError("0 is nobody")
    return number


def moment(text: str, now: float) -> float:
    """Read ``2h`` (ago), ``3d``, ``12:30`` (today), ``2025-10-21`` or ``2025-10-21 12:30``, in local time.

    Returns:
        Seconds since 1970.

    Raises:
        UsageError: it is none of these.
    """
    words = text.strip()
    if match := _AGO.fullmatch(words):
        return now - int(match[1]) * _SECONDS[match[2]]
    if words in ("today", "yesterday"):
        return _midnight(now) - (86400 if words == "yesterday" else 0)
    for form in _FORMS:
        try:
            return time.mktime(time.strptime(words, form))
        except (ValueError, OverflowError):
            continue
    try:
        clock = time.strptime(words, "%H:%M")
    except ValueError:
        hint = "2h, 3d, 12:30, 2025-10-21 or '2025-10-21 12:30'"
        raise UsageError(f"'{text}' is no time", hint=hint) from None
    return _midnight(now) + clock.tm_hour * 3600 + clock.tm_min * 60


def _midnight(now: float) -> float:
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
