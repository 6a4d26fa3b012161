"""An opened fleet, nodes of it, and how they are reached; what can be done is in ``api.fleet``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stentor.engines.reach import Reach
from stentor.engines.run import describe
from stentor.fanout.task import DEFAULTS, STREAMED, Settings, Task
from stentor.fleet import load, model
from stentor.fleet import select as selecting
from stentor.typed import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.context import Ask
    from stentor.fanout.engine import MakeEngine
    from stentor.fanout.events import Event
    from stentor.fanout.task import Stream
    from stentor.live import Live
    from stentor.ssh.listing import Master


class BaseFleet:
    """An opened fleet. Immutable; ``select`` returns what can act.

    Args:
        data: what the fleet directory says.
        environ: instead of the process's environment.
        hostname: instead of this machine's, by which it is recognised among the nodes.
        engine: makes the engine for every node; ``stentor.testing.FakeNodes`` is one.
    """

    def __init__(
        self,
        data: model.Fleet,
        *,
        environ: Mapping[str, str] | None = None,
        hostname: str | None = None,
        engine: MakeEngine | None = None,
    ) -> None:
        self.data = data
        self.environ = os.environ if environ is None else environ
        self.local = _here(data, hostname or os.uname().nodename)
        self.engine = engine

    @classmethod
    def open(
        cls,
        path: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        engine: MakeEngine | None = None,
    ) -> Self:
        """Find and read the fleet directory.

        Args:
            path: the directory or a ``nodes.yaml``; None to find it as the command line does.
            environ: instead of the process's environment.
            engine: makes the engine for every node, in place of OpenSSH.

        Raises:
            FleetError: there is none, or it has faults.
        """
        environ = os.environ if environ is None else environ
        return cls(load.load(path, environ=environ, cwd=os.getcwd()), environ=environ, engine=engine)

    def nodes(self, expression: str, *, live: selecting.Live | None = None) -> tuple[model.Node, ...]:
        """Return the nodes of a selector, in the file's order.

        Args:
            expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@failed``, …
            live: looks up sets that are not in the file, in place of :attr:`live`.

        Raises:
            SelectorError: it names nothing that exists.
            UsageError: it asks for the nodes of an operation that is not in the journal.
        """
        return selecting.select(
            self.data, expression, local=self.local, live=live or self._live, facts=self.facts
        )

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """What each group selects, by its name: aliases in the file's order, without retired nodes."""
        return selecting.groups(self.data)

    def reach(
        self,
        settings: Settings = DEFAULTS,
        *,
        ask: Ask | None = None,
        cancellation: Cancellation | None = None,
    ) -> Reach:
        """Return how nodes are reached within these limits.

        Args:
            ask: lets a person answer ssh's questions.
            cancellation: by which another thread asks for the end.
        """
        local = self.local_for(settings.user)
        return Reach(self.data, self.environ, local, settings, self.engine, ask, cancellation=cancellation)

    def _live(self, name: str) -> Iterable[str] | None:
        return self.live.look_up(name)

    @property
    def live(self) -> Live:
        """What looks up ``@failed`` in the journal, and ``@up`` by a quick ping."""
        from stentor.live import Live

        return Live(self.data, self.environ, self.local)

    def facts(self) -> dict[str, dict[str, Any]]:
        """Return what ``stentor facts`` last found out of each node, by alias; touches no node."""
        return {node: data for node, (_, data) in self.dated_facts().items()}

    def dated_facts(self) -> dict[str, tuple[float, dict[str, Any]]]:
        """Return the same, each with when it was found out, in seconds since 1970."""
        from stentor import journal

        with journal.read(self.environ) as book:
            return book.recall(self.data.root, "facts")

    def local_for(self, user: str | None) -> str | None:
        """Return this machine's alias where a command for that login name needs no login; else None.

        Args:
            user: as whom a command is to run; None for the fleet's own word.

        Raises:
            UsageError: it is no login name.
        """
        if user is None:
            return self.local
        from stentor.fleet.openssh import login_name
        from stentor.journal.owner import account

        return self.local if login_name(user) == account() else None

    def masters(self) -> list[Master]:
        """Return the warm connections of this fleet."""
        from stentor.ssh.listing import masters

        return masters(self.data, self.environ)

    def least_used_masters(self, found: Sequence[Master], most: int) -> list[Master]:
        """Return those of some masters to be ended so that the others need no more than ``most`` bytes."""
        import time

        from stentor.ssh.listing import least_used

        return least_used(found, most, time.time())

    def stop_master(self, master: Master, *, sessions: bool = True) -> bool:
        """End a warm connection, and what runs over it or after that; whether it is gone for others."""
        from stentor.ssh.listing import stop

        return stop(master, sessions=sessions)


def _here(data: model.Fleet, hostname: str) -> str | None:
    """Return this machine's alias, unless the fleet logs in to it as somebody else."""
    alias = selecting.local_alias(data, hostname)
    if alias is None or data.nodes[alias].user is None:
        return alias
    from stentor.journal.owner import account

    return alias if data.nodes[alias].user == account() else None


class BaseSelection:
    """Some nodes of a fleet.

    Attributes:
        fleet: where they are from.
        nodes: the nodes, in the file's order.
        selector: what they were selected by; their aliases where it is not known.
    """

    def __init__(self, fleet: BaseFleet, nodes: tuple[model.Node, ...], selector: str = "") -> None:
        self.fleet = fleet
        self.nodes = nodes
        self.selector = selector or ",".join(node.alias for node in nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def describe(self, settings: Settings = DEFAULTS) -> dict[str, str]:
        """Say for each node in a few words how it would be reached; touches no node."""
        fleet = self.fleet
        local = fleet.local_for(settings.user)
        return describe(
            fleet.data, self.nodes, settings, local=local, environ=fleet.environ, engine=fleet.engine
        )

    def stream(
        self,
        command: str,
        settings: Settings = STREAMED,
        *,
        stdin: str | Stream | None = None,
        environment: Mapping[str, str] | None = None,
        cancellation: Cancellation | None = None,
        ask: Ask | None = None,
        guard: bool = True,
    ) -> Iterator[Event]:
        """Run a command on every node of the selection and yield events as they come.

        Args:
            command: for each node's login shell.
            stdin: path of a file to be its standard input.
            environment: variables to set before it.
            cancellation: by which another thread or a signal handler asks for the end.
            ask: runs an ``ssh`` on the terminal where a person can answer it.
            guard: False sends dangerous lines to several nodes without a question.

        Raises:
            Refused: it is dangerous on several nodes.
        """
        if guard:
            from stentor.fanout.given import readable
            from stentor.operation.guarding import guard_all, refuse
            from stentor.rollout.sent import Sent

            sent = Sent(command, readable(stdin), variables=environment or {})
            guard_all(self.fleet.data, [node.alias for node in self.nodes], [sent], refuse)
        reach = self.fleet.reach(settings, ask=ask, cancellation=cancellation)
        return reach.command(self.nodes, command, stdin=stdin, environment=environment)

    def fan_out(
        self,
        tasks: Sequence[Task],
        settings: Settings = DEFAULTS,
        *,
        cancellation: Cancellation | None = None,
        ask: Ask | None = None,
    ) -> Iterator[Event]:
        """Run a program of stentor's own on each node and yield events as they come."""
        return self.fleet.reach(settings, ask=ask, cancellation=cancellation).run(tasks)

    def login(
        self,
        command: str = "",
        *,
        user: str | None = None,
        fresh: bool = False,
        tty: bool = True,
        connect_timeout: float = 5.0,
    ) -> list[str]:
        """Return the argument list which logs in to the one node of this selection.

        Args:
            command: instead of a login shell.
            user: a login name in place of the fleet's.
            fresh: a login of its own, never the warm connection.
            tty: a person sits there.
            connect_timeout: seconds until a node that is down is given up; not of one behind a jump host.
        """
        from stentor.ssh.login import interactive_argv

        (node,) = self.nodes
        if node.alias == self.fleet.local_for(user) and not fresh:
            shell = self.fleet.environ.get("SHELL") or "/bin/sh"
            return [shell, "-c", command] if command else [shell, "-l"]
        return interactive_argv(
            self.fleet.data,
            node,
            self.fleet.environ,
            command=command,
            user=user,
            fresh=fresh,
            tty=tty,
            connect_timeout=connect_timeout,
        )
