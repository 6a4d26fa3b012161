"""What a command over a master needs of the engine that made it."""

from __future__ import annotations

from collections.abc import Callable

from stentor.fanout.engine import Failure
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.ssh.child import Child
from stentor.ssh.endpoint import Reached
from stentor.ssh.reactor import Reactor
from stentor.ssh.target import Target
from stentor.typed import Protocol


class Link(Protocol):
    """Nodes as an engine reaches them."""

    word: str  # random letters, new with each fan-out, which mark our line in a node's stderr
    fresh: set[str]  # aliases of the nodes where this fan-out has logged in
    bulk: bool  # whether nodes send files

    @property
    def reactor(self) -> Reactor:
        """Calls back."""

    @property
    def connect_timeout(self) -> float:
        """Seconds until a session must be open."""

    def target(self, alias: str) -> Target:
        """Return what ssh makes of a node that was prepared."""

    def request(self, task: Task) -> bytes:
        """Return the request for the task's session."""

    def warm(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Log in to a node which has no master, or whose master is dead."""

    def probe(self, node: Node, answer: Callable[[Reached], None]) -> None:
        """Find out how far a node can be reached without a login."""

    def came_to_command(self, alias: str, seconds: float) -> None:
        """Note how long a session took until its command ran, where this fan-out has logged in."""

    def learned(self, alias: str, shell: str) -> None:
        """Remember a node's login shell."""

    def log_in_once(
        self, node: Node, command: str, output: Callable[[bytes], None], done: Callable[[int], None]
    ) -> Child:
        """Run a command by a login of its own, without a master."""
