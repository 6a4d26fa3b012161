"""What a program on a node answers: its name and the verb, then pairs, then the code it ended with.

Also what a node has decided about a change whose stentor was killed before it could write it down.
"""

from __future__ import annotations

from collections.abc import Mapping

from stentor.digits import whole
from stentor.outcome import Outcome
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


OPTION = "op"
"""The journal's option which has the change's name."""


def outcomes(states: Mapping[str, str], why: str) -> dict[str, Outcome]:
    """Return what came of a change on the nodes that know it, by alias; see :func:`outcome_of`."""
    told = {alias: outcome_of(alias, state, why) for alias, state in states.items()}
    return {alias: outcome for alias, outcome in told.items() if outcome is not None}


def outcome_of(alias: str, state: str, why: str) -> Outcome | None:
    """Return what came of a change on a node; None if the node does not know it.

    Args:
        state: that the node says: ``confirmed``, ``reverted`` or ``pending``; anything else is not known.
        why: what ended stentor, for reasons.
    """
    if state == "confirmed":
        return Outcome(alias, "ok", 0, f"the node had confirmed it when {why}", started=True)
    reason = {
        "reverted": f"reverted after {why}",
        "pending": f"{why}; the node reverts the change by itself",
    }.get(state)
    return Outcome(alias, "cancelled", None, reason, started=True) if reason else None
