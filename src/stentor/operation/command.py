"""The simplest change: a command on every node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.rollout.change import BaseChange
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event

Filter = Callable[["Iterator[Event]"], "Iterator[Event]"]


class CommandChange(BaseChange):
    """Run a command, or a script by standard input.

    Args:
        command: for each node's login shell.
        title: what a person is told; the command itself by default.
        stdin: path of a file to be its standard input.
        environment: variables to set before it.
        filter: looks at the events on their way (what sudo said is taken out there).
    """

    name = "run"

    def __init__(
        self,
        command: str,
        *,
        title: str = "",
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
        filter: Filter | None = None,  # noqa: A002 - what it is
    ) -> None:
        self.title = title or command
        self._command = command
        self._stdin = stdin
        self._environment = environment or {}
        self._filter = filter

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Run it."""
        events = reach.command(
            reach.nodes(nodes), self._command, stdin=self._stdin, environment=self._environment
        )
        return events if self._filter is None else self._filter(events)
