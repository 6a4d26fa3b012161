"""What is asked of the nodes: a revision, or a rollback."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import NamedTuple

from stentor.dotfiles.source import Source


class ChangeRequest(NamedTuple):
    """What is to be done.

    Attributes:
        op: the operation's name on the nodes.
        token: by which only this operation confirms it.
        rev: the exact commit; empty for a rollback.
        to: for a rollback, the operation or revision to go back to; empty for one step.
        source: where the revision is from.
        bundle: a git bundle to send along; None where nodes fetch the revision.
        overwrite: kinds of conflict that may be overwritten.
        again: apply a revision that was reverted before.
        held: the revision each node held last, by alias, for nodes that are down.
        typed: options of the command line that the same request needs again.
    """

    op: str
    token: str
    rev: str = ""
    to: str = ""
    source: Source = Source("", "", "")
    bundle: bytes | None = None
    overwrite: tuple[str, ...] = ()
    again: bool = False
    held: Mapping[str, str] = {}
    typed: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """One line for people."""
        return self.rev or f"back to {self.to or 'before the last change'}"


def new_token() -> str:
    """Return a token that nobody guesses."""
    return os.urandom(8).hex()


def operation_name() -> str:
    """Return a name for an operation, unique on the nodes and sortable by time."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"
