"""What the guard says."""

from __future__ import annotations

from stentor.typed import NamedTuple


class Finding(NamedTuple):
    """One dangerous thing in a line.

    Attributes:
        rule: its name, by which the policy can silence it.
        command: the part of the line that is meant.
        reason: what it would do, for people.
    """

    rule: str
    command: str
    reason: str
