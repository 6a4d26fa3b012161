"""The one protocol behind which the engines stand: nodes and a command in, events out."""

from __future__ import annotations

from collections.abc import Callable

from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.typed import Protocol


class Failure(Protocol):
    """Why a node could not be reached (``stentor.ssh.diagnose.Diagnosis`` is one)."""

    @property
    def kind(self) -> str:
        """The outcome's kind."""

    @property
    def reason(self) -> str:
        """One line for people."""

    @property
    def hint(self) -> str:
        """What to do next, or empty."""


class Listener(Protocol):
    """What an engine tells of one running command, in this order."""

    def opened(self) -> None:
        """A session on the node is open; the command's timeout runs from here."""

    def started(self, pid: int) -> None:
        """The login shell came as far as the command; ``pid`` is its process group."""

    def output(self, stream: str, data: bytes) -> None:
        """Bytes came on "stdout" or "stderr"."""

    def ended(self, kind: str, code: int | None, reason: str, hint: str = "") -> None:
        """Nothing more comes. ``kind`` as in ``fanout.outcome.KINDS``."""


class Running(Protocol):
    """One command on one node."""

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        """End the remote process group, TERM first, KILL after ``grace`` seconds.

        ``done`` is told what came of it, in the words of ``Outcome.remote``. The listener hears
        of output until then, and nothing after it.
        """

    def abandon(self) -> None:
        """Let go at once; the listener and ``done`` hear nothing more."""


class Engine(Protocol):
    """A way to reach nodes."""

    name: str

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Get a node to where commands can start, as cheaply as possible; call back once."""

    def start(self, task: Task, listener: Listener) -> Running:
        """Start a command on a node which was ready."""

    def describe(self, node: Node) -> str:
        """Say in a few words how the node would be reached, touching nothing."""

    def close(self) -> None:
        """Let go of everything; what shall stay for the next time (masters) stays."""
