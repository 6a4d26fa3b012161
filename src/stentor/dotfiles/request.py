"""What is asked of the nodes: a revision, or a rollback."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from stentor.dotfiles import prompts
from stentor.dotfiles.source import Source
from stentor.fleet.model import Node


class ChangeRequest(NamedTuple):
    """What is to be done."""

    op: str  # the operation's name on the nodes
    token: str  # by which only this operation confirms it
    rev: str = ""  # the exact commit; empty for a rollback
    to: str = ""  # for a rollback, the operation or revision to go back to; empty for one step
    source: Source = Source("", "", "")  # where the revision is from
    bundle: bytes | None = None  # a git bundle to send along; None where nodes fetch the revision
    overwrite: tuple[str, ...] = ()  # kinds of conflict that may be overwritten
    again: bool = False  # apply a revision that was reverted before
    reinit: bool = False  # make chezmoi's config anew from its template
    answers: Mapping[str, str] = {}  # to the template's prompts, by their text
    exclude: tuple[str, ...] = ()  # what is left out: ``externals``
    held: Mapping[str, str] = {}  # the revision each node held last, by alias, for nodes that are down
    # The data of each node's chezmoi config, as it last told them, for the same.
    known_answers: Mapping[str, Mapping[str, Any]] = {}
    typed: tuple[str, ...] = ()  # options of the command line that the same request needs again

    def prompts(self, node: Node) -> tuple[str, ...]:
        """Return the options which answer a config template's prompts on this node."""
        return prompts.options(node.variables, self.answers)

    @property
    def title(self) -> str:
        """One line for people."""
        if not self.rev and self.to[8:9] == "T":  # a name as operation_name makes them
            return f"back to before {self.to}"
        return self.rev or f"back to {self.to or 'before the last change'}"


def new_token() -> str:
    """Return a token that nobody guesses."""
    return os.urandom(8).hex()


def operation_name() -> str:
    """Return a name for an operation, unique on the nodes and sortable by time."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(3).hex()}"
