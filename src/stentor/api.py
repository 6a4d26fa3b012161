"""The facade for scripts, and the one way from the command line into the house.

    from stentor import Fleet

    results = Fleet.open().select("@gpu").run("nvidia-smi", timeout=10)
    for result in results:
        print(result.node, result.kind, result.text)
    results.raise_on_error()

The same with await is in :mod:`stentor.async_api`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stentor.errors import UsageError
from stentor.fanout.run import describe
from stentor.fanout.run import run as fan_out
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet import load, model
from stentor.fleet import select as selecting
from stentor.outcome import Report

if TYPE_CHECKING:
    from stentor.fanout.asking import Ask
    from stentor.fanout.cancellation import Cancellation
    from stentor.fanout.collect import Result
    from stentor.fanout.events import Event
    from stentor.fanout.run import MakeEngine
    from stentor.live import Live
    from stentor.ssh.listing import Master


class Fleet:
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
    ) -> Fleet:
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

    def select(self, expression: str = "@all", *, live: selecting.Live | None = None) -> Selection:
        """Choose nodes by a selector.

        Args:
            expression: ``crtr``, ``@gpu``, ``@all!@pseudo``, ``@failed``, …
            live: looks up sets that are not in the file, in place of :meth:`live`.

        Raises:
            SelectorError: it names nothing that exists.
            UsageError: it asks for the nodes of an operation that is not in the journal.
        """
        nodes = selecting.select(
            self.data, expression, local=self.local, live=live or self._live, facts=self.facts
        )
        return Selection(self, nodes)

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

        path = f"{journal.state_directory(self.environ)}/journal.db"
        if not os.path.exists(path):
            return {}
        book = journal.open(self.environ, self.data.policy.get("journal"))
        try:
            return book.recall(self.data.root, "facts")
        finally:
            book.close()

    def local_for(self, user: str | None) -> str | None:
        """Return this machine's alias where a command for that login name needs no login; else None.

        Args:
            user: as whom a command is to run; None for the fleet's own word.
        """
        return self.local if user is None or user == _own_name() else None

    def masters(self) -> list[Master]:
        """Return the warm connections of this fleet."""
        from stentor.ssh.listing import masters

        return masters(self.data, self.environ)

    def stop_master(self, master: Master) -> bool:
        """End a warm connection and what runs over it; whether it is gone."""
        from stentor.ssh.listing import stop

        return stop(master)


def _here(data: model.Fleet, hostname: str) -> str | None:
    """Return this machine's alias, unless the fleet logs in to it as somebody else."""
    alias = selecting.local_alias(data, hostname)
    if alias is None or data.nodes[alias].user is None:
        return alias
    return alias if data.nodes[alias].user == _own_name() else None


def _own_name() -> str:
    """Who we are here; empty for a user whom the system does not know by name."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


class Selection:
    """Some nodes of a fleet.

    Attributes:
        fleet: where they are from.
        nodes: the nodes, in the file's order.
    """

    def __init__(self, fleet: Fleet, nodes: tuple[model.Node, ...]) -> None:
        self.fleet = fleet
        self.nodes = nodes

    def __len__(self) -> int:
        return len(self.nodes)

    def describe(self, settings: Settings = DEFAULTS) -> dict[str, str]:
        """Say for each node in a few words how it would be reached; touches no node."""
        fleet = self.fleet
        local = fleet.local_for(settings.user)
        return describe(
            fleet.data, self.nodes, settings, local=local, environ=fleet.environ, engine=fleet.engine
        )

    def tasks(
        self, command: str, *, stdin: str | None = None, environment: Mapping[str, str] | None = None
    ) -> list[Task]:
        """Return one task a node for the same command.

        Args:
            command: for each node's login shell.
            stdin: path of a file to be its standard input.
            environment: variables to set before it.

        Raises:
            UsageError: a variable's name is none.
        """
        for name in environment or {}:
            if not name.isidentifier() or not name.isascii():
                raise UsageError(f"'{name}' is no name for an environment variable")
        return [Task(node, command, stdin, environment or {}) for node in self.nodes]

    def stream(
        self,
        command: str,
        settings: Settings = DEFAULTS,
        *,
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
        cancellation: Cancellation | None = None,
        ask: Ask | None = None,
    ) -> Iterator[Event]:
        """Run a command on every node of the selection and yield events as they come.

        Args:
            command: for each node's login shell.
            settings: the limits.
            stdin: path of a file to be its standard input.
            environment: variables to set before it.
            cancellation: by which another thread or a signal handler asks for the end.
            ask: runs an ``ssh`` on the terminal where a person can answer it.
        """
        tasks = self.tasks(command, stdin=stdin, environment=environment)
        return self.fan_out(tasks, settings, cancellation=cancellation, ask=ask)

    def fan_out(
        self,
        tasks: Sequence[Task],
        settings: Settings = DEFAULTS,
        *,
        cancellation: Cancellation | None = None,
        ask: Ask | None = None,
    ) -> Iterator[Event]:
        """Run a task of its own on each node and yield events as they come."""
        fleet = self.fleet
        return fan_out(
            fleet.data,
            tasks,
            settings,
            local=fleet.local_for(settings.user),
            cancellation=cancellation,
            environ=fleet.environ,
            engine=fleet.engine,
            ask=ask,
        )

    def login(
        self, command: str = "", *, user: str | None = None, fresh: bool = False, tty: bool = True
    ) -> list[str]:
        """Return the argument list which logs in to the one node of this selection.

        Args:
            command: instead of a login shell.
            user: a login name in place of the fleet's.
            fresh: a login of its own, never the warm connection.
            tty: a person sits there.
        """
        from stentor.ssh.login import interactive_argv

        (node,) = self.nodes
        if node.alias == self.fleet.local_for(user) and not fresh:
            shell = self.fleet.environ.get("SHELL") or "/bin/sh"
            return [shell, "-c", command] if command else [shell, "-l"]
        return interactive_argv(
            self.fleet.data, node, self.fleet.environ, command=command, user=user, fresh=fresh, tty=tty
        )

    def run(
        self,
        command: str,
        *,
        timeout: float | None = None,
        connect_timeout: float = 5.0,
        window: int = 128,
        retries: int = 0,
        fail_fast: bool = False,
        user: str | None = None,
        stdin: bytes | str | None = None,
        environment: Mapping[str, str] | None = None,
        cancellation: Cancellation | None = None,
    ) -> Results:
        """Run a command on every node of the selection and return what came of it.

        Args:
            command: for each node's login shell.
            timeout: of the command on each node, seconds.
            connect_timeout: until a session is open, seconds.
            window: how many nodes at once.
            retries: how often a node that was not reached is tried again.
            fail_fast: stop at the first node that is not ok.
            user: a login name in place of the fleet's.
            stdin: bytes, or the path of a file, to be each command's standard input.
            environment: variables to set before it.
            cancellation: by which another thread asks for the end.

        Raises:
            StentorError: what was asked makes no sense. A node's failure is a result, not an error.
        """
        from stentor.fanout.collect import collect

        settings = Settings(
            window=window,
            connect_timeout=connect_timeout,
            timeout=timeout,
            retries=retries,
            fail_fast=fail_fast,
            user=user,
        )
        with _InputFile(stdin) as path:
            events = self.stream(
                command, settings, stdin=path, environment=environment, cancellation=cancellation
            )
            found = {result.node: result for result in collect(events)}
        return Results([found[node.alias] for node in self.nodes])


class _InputFile:
    """Bytes as a file for the time of a run; a path stays what it is."""

    def __init__(self, stdin: bytes | str | None) -> None:
        self._stdin = stdin
        self._file: Any = None

    def __enter__(self) -> str | None:
        if not isinstance(self._stdin, bytes):
            if self._stdin is not None and not os.access(self._stdin, os.R_OK):
                raise UsageError(f"cannot read {self._stdin}", hint="give bytes, or a readable file")
            return self._stdin
        import tempfile

        self._file = tempfile.NamedTemporaryFile(prefix="stentor-stdin-")
        self._file.write(self._stdin)
        self._file.flush()
        return str(self._file.name)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


class Results:
    """What came of a run: a result for each node, in the selection's order."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = {result.node: result for result in results}

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results.values())

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        kinds = [outcome.kind for outcome in self.report.worst_first()]
        return f"Results({', '.join(f'{kinds.count(kind)} {kind}' for kind in dict.fromkeys(kinds))})"

    def __getitem__(self, alias: str) -> Result:
        return self._results[alias]

    @property
    def report(self) -> Report:
        """The outcomes alone."""
        return Report(result.outcome for result in self)

    @property
    def ok(self) -> tuple[Result, ...]:
        """Results of the nodes where the command succeeded."""
        return tuple(result for result in self if result.ok)

    @property
    def failed(self) -> tuple[Result, ...]:
        """Results of the nodes that were reached, where it did not succeed."""
        return tuple(self[outcome.node] for outcome in self.report.failed)

    @property
    def unreachable(self) -> tuple[Result, ...]:
        """Results of the nodes that were not reached, whatever the rung."""
        return tuple(self[outcome.node] for outcome in self.report.unreachable)

    def raise_on_error(self) -> None:
        """Do nothing if every node is ok or was skipped.

        Raises:
            NodesFailed: otherwise, naming the first few.
        """
        self.report.raise_on_error()
