"""Patterns as OpenSSH has them: only ``*`` and ``?`` mean something, ``[`` does not."""

from __future__ import annotations

from collections.abc import Iterable


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern means the whole text."""
    at = p = 0
    star = mark = -1
    while at < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, at
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[at]):
            at, p = at + 1, p + 1
        elif star >= 0:  # the last star takes one character more
            mark += 1
            at, p = mark, star + 1
        else:
            return False
    return not pattern[p:].strip("*")


def matches_list(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns means the text, and none that begins with ``!`` does."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if matches(pattern[1:], text):
                return False
        elif matches(pattern, text):
            found = True
    return found
