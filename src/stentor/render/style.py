"""Colours by what they mean. Whether to colour is always an argument."""

from __future__ import annotations

RESET = "\x1b[0m"

# The sixteen colours of the user's own theme, so that light and dark terminals are both readable.
STYLES = {
    "good": "\x1b[32m",
    "bad": "\x1b[31m",
    "warning": "\x1b[33m",
    "heading": "\x1b[36m",
    "quiet": "\x1b[2m",
    "strong": "\x1b[1m",
}

# For telling nodes apart: no red, which means failure, no black or white, which may be the background.
NODE_COLOURS = tuple(f"\x1b[{code}m" for code in (36, 33, 32, 35, 34, 96, 93, 92, 95, 94))

KIND_STYLES = {"ok": "good", "skipped": "quiet", "cancelled": "warning"}


def paint(text: str, style: str, on: bool) -> str:
    """Return ``text`` in a style of ``STYLES``, or as it is."""
    return f"{STYLES[style]}{text}{RESET}" if on and text else text


def printable(text: str) -> str:
    """Return one line in which nothing can move the cursor: what a node says may be hostile."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else f"\\x{ord(c):02x}" for c in text)


def shorten(text: str, width: int, mark: str = "…") -> str:
    """Cut a text to ``width`` columns (one column a character), with a mark where it was cut."""
    if len(text) <= width:
        return text
    return text[: max(width - len(mark), 0)] + mark if width > 0 else ""
