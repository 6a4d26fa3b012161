"""Durations, moments, sizes and numbers as the command line writes them."""

from __future__ import annotations

import time

from stentor import durations
from stentor.errors import UsageError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentTypeError
    from collections.abc import Callable
    from typing import TypeVar

    N = TypeVar("N", int, float)

_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def _invalid(why: str) -> ArgumentTypeError:
    from argparse import ArgumentTypeError  # not at every start

    return ArgumentTypeError(why)


def seconds(text: str) -> float:
    """Read a duration of some length: ``10``, ``1.5s``, ``200ms``, ``2m``, ``1h``; for argparse."""
    return _above_zero(durations.parse, text, "duration")


def _above_zero(parse: Callable[[str], N], text: str, what: str) -> N:
    try:
        value = parse(text)
    except ValueError as error:
        raise _invalid(str(error)) from None
    if not value:
        raise _invalid(f"invalid {what} '{text}': must be more than 0")
    return value


def limit(text: str) -> float | None:
    """Read a duration, or 0 for no limit, as clush does; for argparse."""
    return None if _is_zero(text) else seconds(text)


def patience(text: str) -> float:
    """Read a duration to wait for a login, or 0 for no limit: a day; for argparse."""
    return 86400.0 if _is_zero(text) else seconds(text)


def _is_zero(text: str) -> bool:
    try:
        return not durations.parse(text)
    except ValueError:
        return False


def bytes_(text: str) -> int:
    """Read a number of bytes: ``500k``, ``16M``, ``4G``; for argparse."""
    from stentor import sizes

    return _above_zero(sizes.parse, text, "size")


def count(text: str) -> int:
    """Read a number of nodes or tries: digits only."""
    if not text.isascii() or not text.isdecimal():
        named = any(map(str.isalpha, text)) or text.startswith("@")
        why = "; nodes are named without an option" if named else ": must be a whole number, 0 or more"
        raise _invalid(f"invalid number '{text}'{why}")
    return int(text)


def positive(text: str) -> int:
    """Read a number of nodes that is at least 1."""
    number = count(text)
    if not number:
        raise _invalid("must be at least 1")
    return number


def moment(text: str, now: float) -> float:
    """Read ``2h`` (ago), ``3d``, ``12:30`` (today), ``2025-10-21`` or ``2025-10-21 12:30``, in local time.

    Returns:
        Seconds since 1970.

    Raises:
        UsageError: it is none of these.
    """
    words = text.strip()
    if (ago := _ago(words)) is not None:
        return now - ago
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
        raise UsageError(f"invalid time '{text}'", hint=hint) from None
    return _midnight(now) + clock.tm_hour * 3600 + clock.tm_min * 60


def _ago(words: str) -> float | None:
    """Seconds of ``2h`` or ``3d ago``; None where there is no unit."""
    amount = words.removesuffix("ago").rstrip()
    try:
        return durations.parse(amount) if amount[-1:].isalpha() else None
    except ValueError:
        return None


def _midnight(now: float) -> float:
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
