"""Nodes and groups as the compiled copy stores them: looked up in bytes, decoded when they are asked for.

A command on one node of ten thousand decodes one node. Nothing here touches a file.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stentor.fleet.model import Node
from stentor.typed import Any

_FEW = 64  # lookups by search; more are answered from a dictionary of all aliases
_WIDTH = 4  # bytes of an offset


class Nodes(Mapping[str, Node]):
    """Alias to node, in the file's order."""

    def __init__(
        self, aliases: bytes, names: bytes, roles: bytes, retired: bytes, offsets: bytes, rows: bytes
    ) -> None:
        self._aliases = aliases  # the aliases in their order, with a newline before and after each
        self._names = names  # the full names likewise
        self._roles = roles  # the roles likewise; an empty one where there is none
        self._retired = retired  # the aliases of retired nodes likewise
        self._offsets = offsets  # where each row ends, four bytes each, little end first
        self._rows = rows  # the nodes, each a marshalled tuple without the defaults at its end
        self._order: list[str] | None = None
        self._places: dict[str, int] | None = None
        self._decoded: dict[str, Node] = {}
        self._searches = 0

    @classmethod
    def store(cls, nodes: Mapping[str, Node]) -> tuple[bytes, ...]:
        """Return what the constructor takes.

        Raises:
            ValueError: a value is not plain data.
        """
        rows = [marshal.dumps(_without_defaults(node)) for node in nodes.values()]
        end, ends = 0, []
        for row in rows:
            end += len(row)
            ends.append(end.to_bytes(_WIDTH, "little"))
        names = _lines([node.name for node in nodes.values()])
        roles = _lines([node.role or "" for node in nodes.values()])
        retired = _lines([alias for alias, node in nodes.items() if node.state == "retired"])
        return _lines(list(nodes)), names, roles, retired, b"".join(ends), b"".join(rows)

    def __len__(self) -> int:
        return len(self._offsets) // _WIDTH

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed())

    def __contains__(self, alias: object) -> bool:
        return isinstance(alias, str) and (alias in self._decoded or self._place(alias) is not None)

    def __getitem__(self, alias: str) -> Node:
        node = self._decoded.get(alias)
        if node is None:
            place = self._place(alias)
            if place is None:
                raise KeyError(alias)
            node = self._decoded[alias] = self._row(place)
        return node

    def full_names(self) -> dict[str, str]:
        """Return full name to alias."""
        return dict(zip(_split(self._names), self._listed(), strict=True))

    def retired(self) -> list[str]:
        """Return the aliases of retired nodes."""
        return _split(self._retired)

    def described(self) -> Iterable[tuple[str, str, str]]:
        """Return alias, full name and role of each node; the role is empty where there is none."""
        return zip(self._listed(), _split(self._names), _split(self._roles), strict=True)

    def with_label(self, label: str) -> list[Node]:
        """Return the nodes whose alias or full name begins with this word or is it, in any case.

        Args:
            label: what is before the first dot, in small letters.
        """
        wanted = b"\n" + label.encode("utf-8", "replace")
        places: set[int] = set()
        for column in (self._aliases.lower(), self._names.lower()):
            found = column.find(wanted)
            while found >= 0:
                if column.startswith((b".", b"\n"), found + len(wanted)):
                    places.add(column.count(b"\n", 0, found))
                found = column.find(wanted, found + 1)
        return [self._row(place) for place in sorted(places)]

    def _listed(self) -> list[str]:
        if self._order is None:
            self._order = _split(self._aliases)
        return self._order

    def _place(self, alias: str) -> int | None:
        if self._places is None and self._searches < _FEW:
            self._searches += 1
            if "\n" in alias:
                return None
            found = self._aliases.find(b"\n%b\n" % alias.encode("utf-8", "replace"))
            return None if found < 0 else self._aliases.count(b"\n", 0, found)
        if self._places is None:
            self._places = {alias: place for place, alias in enumerate(self._listed())}
        return self._places.get(alias)

    def _row(self, place: int) -> Node:
        begin = self._offset(place - 1) if place else 0
        return Node(*load(self._rows[begin : self._offset(place)]))

    def _offset(self, place: int) -> int:
        return int.from_bytes(self._offsets[place * _WIDTH : (place + 1) * _WIDTH], "little")


class Groups(Mapping[str, tuple[str, ...]]):
    """Group name to aliases."""

    def __init__(self, nodes: Nodes, table: Mapping[str, tuple[int, int] | None], members: bytes) -> None:
        self._nodes = nodes  # all nodes, which are the members of ``all``
        # Group name to where its members begin and end in ``members``; None for all nodes.
        self._table = table
        self._members = members  # aliases, with a newline before and after each
        self._decoded: dict[str, tuple[str, ...]] = {}

    @classmethod
    def store(
        cls, groups: Mapping[str, Sequence[str]], everything: tuple[str, ...]
    ) -> tuple[dict[str, tuple[int, int] | None], bytes]:
        """Return the table and the members that the constructor takes."""
        table: dict[str, tuple[int, int] | None] = {}
        parts: list[bytes] = []
        end = 0
        for name, members in groups.items():
            if tuple(members) == everything:
                table[name] = None
                continue
            part = _lines(members)
            table[name] = end, end + len(part)
            end += len(part)
            parts.append(part)
        return table, b"".join(parts)

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __getitem__(self, name: str) -> tuple[str, ...]:
        if name not in self._decoded:
            span = self._table[name]
            members = self._nodes if span is None else _split(self._members[span[0] : span[1]])
            self._decoded[name] = tuple(members)
        return self._decoded[name]


def load(data: bytes | memoryview) -> Any:
    """Decode a part of the copy; for bytes whose checksum has been compared."""
    return marshal.loads(data)  # noqa: S302 - bytes that we wrote, see compiled.read


def _without_defaults(node: Node) -> tuple[Any, ...]:
    """The fields up to the last which differs from its default."""
    defaults = Node._field_defaults
    end = len(node)
    while end > 2 and node[end - 1] == defaults[Node._fields[end - 1]]:
        end -= 1
    return tuple(node[:end])


def _lines(words: Sequence[str]) -> bytes:
    return "".join(f"\n{word}" for word in words).encode() + b"\n"


def _split(lines: bytes) -> list[str]:
    return lines.decode().split("\n")[1:-1]
