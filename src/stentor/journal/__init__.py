"""SQLite: what was done, by whom, to what, with what outcome.

Written with three promises: an operation is there before it acts; whatever happens to the
process, the file stays whole; and a journal that cannot be written is said, but is no reason
not to work. The name ``journal.open`` imports what it needs (SQLite), not before.
"""

from __future__ import annotations

from stentor.journal.operation import Operation
from stentor.journal.store import Journal, state_directory
from stentor.journal.store import open_journal as open  # noqa: A004 - reads as journal.open(...)

MISSED = "dotfiles-missed"  # topic of the memory: the revision that a node which was down has not got

__all__ = ["MISSED", "Journal", "Operation", "open", "state_directory"]
