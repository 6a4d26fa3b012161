"""Source text as the grammar may be given it.

The scanner of tree-sitter-bash 0.25.1 crashed where text was given to it as it is. So it is given no
character beyond 255: each byte beyond ASCII becomes two letters from À to Ï, one for each half of it. To the
grammar they are letters, as to bash any such byte is a part of a word.
"""

from __future__ import annotations

import re

_FIRST = ord("À")
_HALVES = [chr(_FIRST + half) for half in range(16)]
_LETTERS = {0xDC00 + byte: _HALVES[byte >> 4] + _HALVES[byte & 15] for byte in range(128, 256)}
_RUN = re.compile(f"[{_HALVES[0]}-{_HALVES[-1]}]+")


def encode(text: str) -> bytes:
    """Return what to parse in place of this text."""
    if text.isascii():
        return text.encode()
    as_bytes = text.encode("utf-8", "surrogateescape").decode("ascii", "surrogateescape")
    return as_bytes.translate(_LETTERS).encode()


def decode(source: bytes) -> str:
    """Return the text of a part of what was parsed; bytes that make no character are replaced."""
    if source.isascii():
        return source.decode()
    return _RUN.sub(_characters, source.decode("utf-8", "replace"))


def _characters(run: re.Match[str]) -> str:
    halves = [ord(letter) - _FIRST for letter in run[0]]
    pairs = zip(halves[::2], halves[1::2], strict=False)
    return bytes(high << 4 | low for high, low in pairs).decode("utf-8", "replace")
