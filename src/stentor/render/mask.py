"""What differs between nodes by nature, put out of sight for a comparison.

Nothing is shown masked: the masks only decide what counts as the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

BLOCK = 256 * 1024  # bytes looked at together, always up to the end of a line …
LONGEST_LINE = 4 * 1024 * 1024  # … unless there is none for so long

_HEX_PARTS = rb"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}"
_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAYS = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"

# In this order: what is longer comes first, so that no part of it is taken for something else.
PATTERNS: tuple[tuple[bytes, bytes], ...] = (
    # 2026-11-24T02:26:33.123+01:00, 2026-11-24 02:26:33, 2026-11-24
    (rb"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z\b|[+-]\d\d:?\d\d\b))?)?", b"<time>"),
    # Tue Nov 24 02:26:33 [PM] [UTC] [2026], Nov 24 02:26:33, 24 Nov 2026
    (
        rb"\b(?:%b,? )?%b +\d{1,2},? (?:\d\d:\d\d(?::\d\d)?(?: [AP]M)?)(?: [A-Z]{3,5}\b)?(?: \d{4}\b)?"
        % (_DAYS, _MONTHS),
        b"<time>",
    ),
    (rb"\b(?:%b,? )?\d{1,2} %b \d{4}(?: \d\d:\d\d(?::\d\d)?)?" % (_DAYS, _MONTHS), b"<time>"),
    # hardware address
    (rb"\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\b", b"<address>"),
    # IPv6: eight parts, or parts around ::
    (rb"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?![\w:])", b"<address>"),
    (rb"(?<![\w:])(?:%b)?::(?:%b)?(?:%%\w+)?(?![\w:])" % (_HEX_PARTS, _HEX_PARTS), b"<address>"),
    # 12:26:33.5, 2:05
    (rb"(?<![\d:.])\d{1,3}:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d:])", b"<time>"),
    (rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)", b"<address>"),
    # sshd[1234], pid 1234, pid=1234
    (rb"\[\d+\]", b"[<pid>]"),
    (rb"\b([Pp][Ii][Dd][ =:]{1,2})\d+", rb"\1<pid>"),
    # 0.25s, 12 ms, 3.5 seconds
    (rb"(?<![\w.])\d+(?:\.\d+)? ?(?:ns|us|ms|s|sec|secs|seconds?|minutes?)\b", b"<time>"),
)


class Mask:
    """The lens under which two nodes' outputs may look the same.

    Args:
        names: node to everything that it is called: alias, full name, addresses. Each node is
            masked by its own names only: ``drtr`` in what ``prtr`` wrote is a real difference.
    """

    __slots__ = ("_names", "_patterns")

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._names = {node: _any_of(words) for node, words in names.items()}
        self._patterns = [(re.compile(pattern), to) for pattern, to in PATTERNS]

    def __call__(self, node: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a node's output, masked, in blocks which end where lines end."""
        rest = b""
        for chunk in chunks:
            rest = rest + chunk if rest else chunk
            if len(rest) < BLOCK:
                continue
            end = rest.rfind(b"\n") + 1
            if end or len(rest) > LONGEST_LINE:
                end = end or len(rest)
                yield self.mask(node, rest[:end])
                rest = rest[end:]
        if rest:
            yield self.mask(node, rest)

    def mask(self, node: str, data: bytes) -> bytes:
        """Return whole lines with names, addresses, times and process numbers replaced."""
        own = self._names.get(node)
        if own is not None:
            data = own.sub(b"<node>", data)
        for pattern, to in self._patterns:
            data = pattern.sub(to, data)
        return data


def _any_of(words: Iterable[str]) -> re.Pattern[bytes] | None:
    # The longest first: crtr.example.net is one name, not crtr and something.
    found = sorted({word.encode() for word in words if word}, key=len, reverse=True)
    if not found:
        return None
    return re.compile(rb"(?<![\w-])(?:%b)(?![\w-])" % b"|".join(map(re.escape, found)), re.IGNORECASE)
