"""Moments as people write them. Pure."""

from __future__ import annotations

import re
import time

from stentor.errors import UsageError

_AGO = re.compile(r"(\d+)\s*(s|m|min|h|d|w)(?:\s+ago)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


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
