"""What an operation is asked to do, as far as the operation itself needs to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stentor.typed import Any, NamedTuple


def _no_command(_: Sequence[str], __: int) -> str:
    return ""


class Request(NamedTuple):
    """What is asked for."""

    kind: str  # the stentor command, for the journal: ``run``, ``copy``, ``dotfiles apply``
    title: str  # what is done, as one line or a script's text, for the journal, the lock and notifications
    selector: str  # as it was typed
    nodes: tuple[str, ...]  # the aliases it means, in order
    options: Mapping[str, Any] = {}  # other options by name, plain data for the journal; never a secret
    secrets: tuple[str, ...] = ()  # values which must not be stored wherever they turn up
    lock: bool = False  # hold the nodes' locks from the first change to the last
    # Its processes on the nodes are ended if we are killed; False where the nodes then end the change by
    # themselves.
    marked: bool = True
    largest: bool = False  # the exit code is the largest of any node
    # Returns the command line that finishes these nodes, given them and the operation's number.
    rest: Callable[[Sequence[str], int], str] = _no_command


class Switches(NamedTuple):
    """Parts of an operation that a caller from Python may switch off."""

    lock: bool = True
    journal: bool = True
    notify: bool = True
