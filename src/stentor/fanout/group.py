"""Identical outputs found without keeping them all: exact bytes, or bytes as something else sees them."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Iterable, Iterator

from stentor.fanout.spool import Piece
from stentor.typed import NamedTuple

Lens = Callable[[str, Iterable[bytes]], Iterator[bytes]]
"""How a node's bytes are looked at when they are compared: node, chunks -> chunks."""


class Group(NamedTuple):
    """Nodes which wrote the same."""

    nodes: list[str]  # aliases
    piece: Piece | None  # what ``first`` wrote; None for nothing at all
    first: str  # of the nodes, the first in the selection's order


def same(left: Iterable[bytes], right: Iterable[bytes]) -> bool:
    """Whether two runs of chunks are the same bytes, wherever the chunks end."""
    lefts, rights = iter(left), iter(right)
    a = b = b""
    while True:
        while not a:
            chunk = next(lefts, None)
            if chunk is None:
                return not b and not any(rights)
            a = chunk
        while not b:
            chunk = next(rights, None)
            if chunk is None:
                return False
            b = chunk
        size = min(len(a), len(b))
        if a[:size] != b[:size]:
            return False
        a, b = a[size:], b[size:]


class Grouping:
    """Sorts outputs into groups while they come in.

    A checksum finds a candidate, and the bytes themselves decide. A duplicate is let go of
    at once, so a thousand nodes which agree cost the memory of one.

    Args:
        order: all nodes; whichever finishes first, groups and their nodes come in this order.
        lens: how bytes are looked at for the comparison; None for as they are.
    """

    __slots__ = ("_buckets", "_lens", "_rank")

    def __init__(self, order: Iterable[str], lens: Lens | None = None) -> None:
        self._rank = {node: index for index, node in enumerate(order)}
        self._lens = lens
        self._buckets: dict[int, list[Group]] = {}

    def add(self, node: str, piece: Piece | None) -> None:
        """Take a node's output; the piece may be emptied if another one holds the same."""
        checksum = 0
        for chunk in self._seen(node, piece):
            checksum = crc32(chunk, checksum)
        bucket = self._buckets.setdefault(checksum, [])
        for index, group in enumerate(bucket):
            if same(self._seen(node, piece), self._seen(group.first, group.piece)):
                group.nodes.append(node)
                spare = piece
                if self._rank[node] < self._rank[group.first]:
                    # Under a lens the bytes may differ, and those of the first node are shown.
                    bucket[index], spare = group._replace(piece=piece, first=node), group.piece
                if spare is not None:
                    spare.clear()
                return
        bucket.append(Group([node], piece, node))

    def groups(self) -> list[Group]:
        """Return the groups, the largest first, else by their first node; nodes in the given order."""
        found = [group for bucket in self._buckets.values() for group in bucket]
        for group in found:
            group.nodes.sort(key=self._rank.__getitem__)
        return sorted(found, key=lambda group: (-len(group.nodes), self._rank[group.first]))

    def clear(self) -> None:
        """Begin anew."""
        self._buckets.clear()

    def _seen(self, node: str, piece: Piece | None) -> Iterator[bytes]:
        chunks = piece.chunks() if piece is not None else iter(())
        return chunks if self._lens is None else self._lens(node, chunks)
