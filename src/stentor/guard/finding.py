"""What the guard says."""

from __future__ import annotations

from stentor.typed import NamedTuple


class Finding(NamedTuple):
    """One dangerous thing in a line."""

    rule: str  # its name, by which the policy can silence it
    command: str  # the part of the line that is meant
    reason: str  # what it would do, for people
