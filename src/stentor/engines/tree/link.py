"""What the parts of the engine know of one another."""

from __future__ import annotations

from collections.abc import Callable

from stentor.engines.openssh import OpensshEngine
from stentor.fanout.context import EngineContext
from stentor.fanout.engine import Failure
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.ssh.reactor import Owner, Reactor
from stentor.typed import Any, NamedTuple, Protocol


class Waiting(NamedTuple):
    """A node that waits for a slot behind a gateway, who is told, and to whom exceptions belong."""

    node: Node
    ready: Callable[[], None]
    failed: Callable[[Failure], None]
    owner: Owner | None


class Asker(Protocol):
    """Our end of the process with ClusterShell."""

    def ask(self, wanted: dict[str, object]) -> None:
        """Send it one line."""


class GateLink(Protocol):
    """A gateway, as a command knows it."""

    node: Node
    reason: str
    lacks: bool
    commands: set[Any]

    def leave(self, command: CommandLink) -> None:
        """A command has ended: there is a slot for another."""


class CommandLink(Protocol):
    """A command, as its gateway knows it."""

    task: Task
    owner: Owner | None

    def gateway_lost(self) -> None:
        """Its gateway failed after it was sent."""


class EngineLink(Protocol):
    """The engine, as gateways and commands know it."""

    context: EngineContext  # of the fan-out
    reactor: Reactor  # calls back
    flat: OpensshEngine  # the engine that logs in to gateways
    word: str  # random letters, new with each fan-out
    window: int  # how many nodes at once behind each gateway

    def channel(self) -> Asker:
        """The process with ClusterShell in it."""

    def place(self, waiting: Waiting) -> None:
        """Let a node wait at the best of its gateways, or fail where none is left."""

    def gateway_failed(self, gate: GateLink) -> None:
        """A gateway can serve no more."""

    def end(self, command: Any) -> None:
        """End a command that has begun."""

    def unsend(self, command: Any) -> None:
        """Take a command back, if it was not sent."""
