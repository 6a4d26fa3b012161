"""Whole numbers in what nodes and programs say: they may be odd, and are never an error."""

from __future__ import annotations

LONGEST = 18
"""Digits: what is longer does not go into a database, and is no number that a node can mean."""


def whole(text: str, longest: int = LONGEST) -> int | None:
    """Return the number that a text is; None for anything else than a few digits 0 to 9.

    ``str.isdigit`` takes superscripts, for which ``int`` fails; ``str.isdecimal`` other scripts, too.

    Args:
        text: blanks around it do not count.
        longest: so many digits at most.
    """
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= longest else None
