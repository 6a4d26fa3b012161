"""What a program on a node answers: its name and the verb, then pairs, then the code it ended with."""

from __future__ import annotations

from stentor.digits import whole
from stentor.typed import NamedTuple


class Answer(NamedTuple):
    """The lines between the program's first and its last, as pairs of key and text."""

    verb: str  # what was asked
    pairs: tuple[tuple[str, str], ...]  # in order
    # What the program ended with; None if its last line is missing (it was killed, or the connection was
    # lost).
    code: int | None
    noise: str = ""  # what the node's shell printed before the program began

    def all(self, key: str) -> tuple[str, ...]:
        """Return the texts under this key, in order."""
        return tuple(text for name, text in self.pairs if name == key)

    def one(self, key: str) -> str:
        """Return the last text under this key; empty if there is none."""
        return next((text for name, text in reversed(self.pairs) if name == key), "")

    def has(self, key: str) -> bool:
        """Whether there is a line with this key."""
        return any(name == key for name, _ in self.pairs)


def read(data: bytes, header: str) -> Answer | None:
    """Read a session's standard output.

    Args:
        header: what the program's first line begins with; the verb follows.

    Returns:
        The answer, or None if the program never began (the login shell did not come so far).
    """
    lines = data.decode("utf-8", "replace").split("\n")
    start = next((i for i, line in enumerate(lines) if line.startswith(header)), None)
    if start is None:
        return None
    pairs: list[tuple[str, str]] = []
    code: int | None = None
    for line in lines[start + 1 :]:
        key, _, text = line.partition(" ")
        if key == "end" and (code := whole(text)) is not None:
            break
        if key:
            pairs.append((key, text))
    verb, noise = lines[start].removeprefix(header).strip(), "\n".join(lines[:start]).strip()
    return Answer(verb, tuple(pairs), code, noise)
