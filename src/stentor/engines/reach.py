"""How the nodes of a fleet are reached: what every fan-out needs besides what is asked of the nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from stentor.engines.run import run
from stentor.errors import UsageError
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.context import Ask
    from stentor.fanout.engine import MakeEngine
    from stentor.fanout.events import Event
    from stentor.fanout.task import Stream


class Reach(NamedTuple):
    """How the nodes of a fleet are reached."""

    fleet: Fleet  # where the nodes are from
    environ: Mapping[str, str]  # the environment of ssh and of local commands
    local: str | None = None  # the alias of the node which is this machine, reached without ssh; or None
    settings: Settings = DEFAULTS  # the limits of a fan-out
    engine: MakeEngine | None = None  # makes the engine for every node, in place of OpenSSH; for tests
    ask: Ask | None = None  # lets a person answer ssh's questions; None when nobody can
    # What the nodes told of themselves, by alias, for templates.
    known: Mapping[str, Mapping[str, Any]] | None = None
    environment: Mapping[str, str] = {}  # variables that every command gets on its node
    cancellation: Cancellation | None = None  # by which a signal or another thread ends what is under way
    # Called before each wait for nodes, with True, and at the end of a fan-out with False.
    waits: Callable[[bool], None] | None = None

    def nodes(self, aliases: Sequence[str]) -> list[Node]:
        """Return the nodes of these aliases, in this order."""
        return [self.fleet.nodes[alias] for alias in aliases]

    def stopped(self) -> bool:
        """Whether a signal or another thread has asked for the end."""
        return bool(self.cancellation and self.cancellation.requests)

    @property
    def stop_reason(self) -> str:
        """Why the end was asked for; empty if it was not."""
        return self.cancellation.reason if self.cancellation else ""

    @contextmanager
    def ending(self) -> Iterator[Reach]:
        """For what every node must come to, also after a request to stop: only a second one ends it."""
        if self.cancellation is None:
            yield self
            return
        with self.cancellation.renewed() as renewed:
            yield self._replace(cancellation=renewed)

    def run(self, tasks: Sequence[Task], settings: Settings | None = None) -> Iterator[Event]:
        """Run a task of its own on each node and yield events as they come.

        Args:
            tasks: at most one a node.
            settings: the limits, in place of ``self.settings``.
        """
        if self.environment:
            tasks = [
                task._replace(environment={**task.environment, **self.environment}) if task.environment
                else task._replace(environment=self.environment)
                for task in tasks
            ]  # fmt: skip
        return run(
            self.fleet,
            tasks,
            settings or self.settings,
            local=self.local,
            cancellation=self.cancellation,
            environ=self.environ,
            engine=self.engine,
            ask=self.ask,
            waits=self.waits,
        )

    def command(
        self,
        nodes: Sequence[Node],
        command: str,
        settings: Settings | None = None,
        *,
        stdin: str | Stream | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Event]:
        """Run the same command on each node and yield events as they come.

        Args:
            command: for each node's login shell.
            settings: the limits, in place of ``self.settings``.
            stdin: path of a file to be its standard input.
            environment: variables to set before it.

        Raises:
            UsageError: a variable's name is none.
        """
        for name in environment or {}:
            if not name.isidentifier() or not name.isascii():
                raise UsageError(f"'{name}' is not a valid name for an environment variable")
        return self.run([Task(node, command, stdin, environment or {}) for node in nodes], settings)
