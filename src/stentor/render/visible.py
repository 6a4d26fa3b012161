"""What nodes write, so that a terminal shows it and does not obey it: in every view of more than one node."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

# Colours stay: they change nothing but how the node's own text looks. Tabs and the ends of lines are text.
_COLOUR = r"\x1b\[[0-9;:]*m"
_HIDDEN = re.compile(
    f"({_COLOUR})|\r(?=\n)"
    "|([\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff])"
)
# What may be the beginning of a colour whose end comes with the next bytes.
_UNFINISHED = re.compile(r"(\x1b(\[[0-9;:]{0,64})?|\r)\Z")


def visible(chunks: Iterable[bytes], encoding: str = "utf-8") -> Iterator[bytes]:
    r"""Yield the same with control characters written as ``\x1b``, and bytes that are no text as ``\xff``.

    Args:
        chunks: of one stream, however it was cut.
        encoding: the terminal's.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    kept = ""
    for chunk in chunks:
        text = kept + decoder.decode(chunk)
        unfinished = _UNFINISHED.search(text)
        kept = unfinished[0] if unfinished else ""
        yield visible_text(text.removesuffix(kept) if kept else text).encode(encoding, "backslashreplace")
    if rest := kept + decoder.decode(b"", final=True):
        yield visible_text(rest).encode(encoding, "backslashreplace")


def visible_text(text: str) -> str:
    """Return a text of which a terminal obeys nothing but colours, tabs and the ends of lines."""
    return _HIDDEN.sub(_character, text)


def without_colours(text: str) -> str:
    """Return a text without what only changes how it looks."""
    return re.sub(_COLOUR, "", text)


def _character(match: re.Match[str]) -> str:
    character = match[2]
    if character is None:
        return match[0]
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is no text
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
