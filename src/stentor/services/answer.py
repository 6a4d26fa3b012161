"""What the node's program says, parsed; ``sh/services/main.sh`` describes the protocol."""

from __future__ import annotations

from stentor.typed import NamedTuple

HEADER = "stentor-services 1 "


class Answer(NamedTuple):
    """The lines between the program's first and its last, as pairs of key and text.

    Attributes:
        verb: what was asked.
        pairs: in order.
        code: what the program ended with; None if its last line is missing.
    """

    verb: str
    pairs: tuple[tuple[str, str], ...]
    code: int | None

    def all(self, key: str) -> tuple[str, ...]:
        """Return the texts under this key, in order."""
        return tuple(text for name, text in self.pairs if name == key)

    def one(self, key: str) -> str:
        """Return the last text under this key; empty if there is none."""
        return next((text for name, text in reversed(self.pairs) if name == key), "")

    def has(self, key: str) -> bool:
        """Whether there is a line with this key."""
        return any(name == key for name, _ in self.pairs)

    def numbered(self, key: str) -> tuple[tuple[int, str], ...]:
        """Return the texts under this key which begin with an item's number, apart from it."""
        found = (text.partition(" ") for text in self.all(key))
        return tuple((int(number), rest) for number, _, rest in found if _is_number(number))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def parse(data: bytes) -> Answer | None:
    """Read a session's standard output; None if the program never began."""
    lines = data.decode("utf-8", "replace").split("\n")
    start = next((i for i, line in enumerate(lines) if line.startswith(HEADER)), None)
    if start is None:
        return None
    pairs: list[tuple[str, str]] = []
    for line in lines[start + 1 :]:
        key, _, text = line.partition(" ")
        if key == "end":
            return Answer(
                lines[start].removeprefix(HEADER), tuple(pairs), int(text) if _is_number(text) else None
            )
        if key:
            pairs.append((key, text))
    return Answer(lines[start].removeprefix(HEADER), tuple(pairs), None)
