"""What the node's program says, parsed; ``sh/services/main.sh`` describes the protocol."""

from __future__ import annotations

from stentor.digits import whole
from stentor.operation import node_answer

HEADER = "stentor-services 1 "


class Answer(node_answer.Answer):
    """An answer about services."""

    def numbered(self, key: str) -> tuple[tuple[int, str], ...]:
        """Return the texts under this key which begin with an item's number, apart from it."""
        found = ((whole(text.partition(" ")[0]), text.partition(" ")[2]) for text in self.all(key))
        return tuple((number, rest) for number, rest in found if number is not None)


def parse(data: bytes) -> Answer | None:
    """Read a session's standard output; None if the program never began."""
    found = node_answer.read(data, HEADER)
    return found and Answer(*found)
