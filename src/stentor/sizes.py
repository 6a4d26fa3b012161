"""Numbers of bytes as files and command lines write them: ``500k``, ``16M``, ``4G``."""

from __future__ import annotations

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
"""Unit to bytes; a number without a unit is bytes. ``KB``, ``mb`` and the like are understood, too."""

HINT = "write 500k, 16M or 4G"


def parse(text: str) -> int:
    """Return the bytes that a text says.

    Raises:
        ValueError: it is no number of bytes; the message is for people.
    """
    words = text.strip()
    number = words.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = words[len(number) :].upper().removesuffix("B").removesuffix("I")
    number = number.rstrip()
    digits = number.replace(".", "", 1)
    factor = UNITS.get("k" if unit == "K" else unit)
    if factor is None or not (digits.isascii() and digits.isdecimal()) or len(digits) > 15:
        raise ValueError(f"invalid size '{text}': {HINT}")
    return round(float(number) * factor)


def shown(number: int) -> str:
    """Return a number of bytes for people: ``312 bytes``, ``4.2 MB``, ``16 MB``."""
    if number < 1000:
        return f"{number} bytes"
    value, unit = number / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if round(value, 1) < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}".replace(".0 ", " ")
