"""The journal: what was done, by whom, on which nodes, with what outcome; one SQLite file for all fleets.

Three promises: an operation is recorded before it acts; the file stays consistent whatever happens to
the process; and a journal that cannot be written is reported, but no operation fails because of it.

``journal.open`` is for what records operations, and takes the fleet with its policy: retention is per
fleet. ``journal.read`` is for everything else.
"""

from __future__ import annotations

from stentor.journal.file import state_directory
from stentor.journal.operation import Operation
from stentor.journal.reader import Reader, close_left, end_with_left, read
from stentor.journal.store import Journal
from stentor.journal.store import open_journal as open  # noqa: A004 - reads as journal.open(...)

MISSED = "dotfiles-missed"  # topic of the memory: the revision that a node which was down has not got
UNHEARD = "dotfiles-unheard"  # another: a change on which the node decides alone, and by when it has

__all__ = [
    "MISSED",
    "UNHEARD",
    "Journal",
    "Operation",
    "Reader",
    "close_left",
    "end_with_left",
    "open",
    "read",
    "state_directory",
]
