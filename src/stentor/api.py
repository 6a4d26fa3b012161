"""The facade for scripts, and the one way from the command line into the house.

from stentor import Fleet

report = Fleet.open().select("@gpu").run("nvidia-smi", timeout=10)
for result in report:
    print(result.node, result.kind, result.stdout)
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping

from stentor.fanout.events import Event
from stentor.fanout.run import run as fan_out
from stentor.fanout.task import Settings, Task
from stentor.fleet import load, model
from stentor.fleet import select as selecting


class Fleet:
    """An opened fleet. Immutable; ``select`` returns what can act."""

    def __init__(self, data: model.Fleet, *, hostname: str | None = None) -> None:
        self.data = data
        self.local = selecting.local_alias(data, hostname or socket.gethostname())

    @classmethod
    def open(cls, path: str | None = None, *, environ: Mapping[str, str] | None = None) -> Fleet:
        """Find and read the fleet directory.

        Args:
            path: the directory or a ``nodes.yaml``; None to find it as the command line does.
            environ: instead of the process's environment.

        Raises:
            FleetError: there is none, or it has faults.
        """
        return cls(load.load(path, environ=os.environ if environ is None else environ, cwd=os.getcwd()))

    def select(self, expression: str = "@all") -> Selection:
        """Choose nodes by a selector.

        Raises:
            SelectorError: it names nothing that exists.
        """
        return Selection(self, selecting.select(self.data, expression, local=self.local))


class Selection:
    """Some nodes of a fleet."""

    def __init__(self, fleet: Fleet, nodes: tuple[model.Node, ...]) -> None:
        self.fleet = fleet
        self.nodes = nodes

    def stream(self, command: str, settings: Settings = Settings()) -> Iterator[Event]:  # noqa: B008
        """Run a command on every node of the selection and yield events as they come."""
        tasks = [Task(node, command) for node in self.nodes]
        return fan_out(self.fleet.data, tasks, settings)


class AsyncFleet:
    """The same with await."""
