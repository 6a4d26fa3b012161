"""How times and numbers are written on the command line. Pure."""

from __future__ import annotations

import argparse

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "": 1.0}


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
