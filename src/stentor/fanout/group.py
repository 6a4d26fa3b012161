"""Identical outputs found without keeping them all: exact bytes, or bytes as something else sees them."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from stentor.fanout.spool import Piece

Lens = Callable[[str, Iterable[bytes]], Iterator[bytes]]
"""How a node's bytes are looked at when they are compared: node, chunks -> chunks."""


class Group(NamedTuple):
    """Nodes which wrote the same.

    Attributes:
        nodes: aliases, in the order in which they finished until ``Grouping.groups`` sorts them.
        piece: what one of them wrote; None for nothing at all.
        first: the node that ``piece`` is of.
    """

    nodes: list[str]
    piece: Piece | None
    first: str


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

    Size and checksum find a candidate, and the bytes themselves decide. A duplicate is let go of
    at once, so a thousand nodes which agree cost the memory of one.

    Args:
        lens: how bytes are looked at for the comparison; None for as they are.
        order: of the nodes. What a lens takes for the same may still be shown, and it is then the
            earliest node's, whichever was the quickest.
    """

    __slots__ = ("_buckets", "_lens", "_rank")

    def __init__(self, lens: Lens | None = None, order: Iterable[str] = ()) -> None:
        self._lens = lens
        self._rank = {node: index for index, node in enumerate(order)} if lens else {}
        self._buckets: dict[tuple[int, int], list[Group]] = {}

    def add(self, node: str, piece: Piece | None) -> None:
        """Take a node's output; the piece may be emptied if another one holds the same."""
        size = checksum = 0
        for chunk in self._seen(node, piece):
            size += len(chunk)
            checksum = crc32(chunk, checksum)
        bucket = self._buckets.setdefault((size, checksum), [])
        for index, group in enumerate(bucket):
            if same(self._seen(node, piece), self._seen(group.first, group.piece)):
                group.nodes.append(node)
                if self._rank.get(node, 0) < self._rank.get(group.first, 0):
                    bucket[index], piece = Group(group.nodes, piece, node), group.piece
                if piece is not None:
                    piece.clear()
                return
        bucket.append(Group([node], piece, node))

    def groups(self, order: Iterable[str]) -> list[Group]:
        """Return the groups, the largest first, else by their first node; nodes in the given order."""
        rank = {node: index for index, node in enumerate(order)}
        found = [group for bucket in self._buckets.values() for group in bucket]
        for group in found:
            group.nodes.sort(key=lambda node: rank.get(node, len(rank)))
        return sorted(found, key=lambda group: (-len(group.nodes), rank.get(group.nodes[0], len(rank))))

    def clear(self) -> None:
        """Begin anew."""
        self._buckets.clear()

    def _seen(self, node: str, piece: Piece | None) -> Iterator[bytes]:
        chunks = piece.chunks() if piece is not None else iter(())
        return chunks if self._lens is None else self._lens(node, chunks)
