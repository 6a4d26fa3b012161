"""The protocol of engines: a node and a command in, what happens to it out.

Types only: a run imports this for the type checker alone, which spares every start the cost of the classes.
"""

from __future__ import annotations

from collections.abc import Callable

from stentor.fanout.context import EngineContext
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.outcome import Kind
from stentor.typed import Literal, Protocol

# What an engine can do, and a task may need:
# marker: it tells when the command begins and which process group it is;
# stdin: a file is the command's standard input, opened anew for each node;
# agent: the user's ssh agent is forwarded where the configuration says so;
# ask: a person at the terminal can answer what a login asks;
# tty: the command gets a terminal.
Ability = Literal["marker", "stdin", "agent", "ask", "tty"]


class Failure(Protocol):
    """Why a node could not be reached (``stentor.ssh.diagnose.Diagnosis`` is one)."""

    @property
    def kind(self) -> Kind:
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

    def ended(self, kind: Kind, code: int | None, reason: str, hint: str = "") -> None:
        """Nothing more comes; the arguments are those of the outcome."""


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

    # Whether it decides by itself how many nodes run at once, and says ``ready`` for as many.
    own_window: bool

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Get a node to where commands can start, as cheaply as possible; call back once."""

    def start(self, task: Task, listener: Listener) -> Running:
        """Start a command on a node which was ready."""

    def describe(self, node: Node) -> str:
        """Say in a few words how the node would be reached, touching nothing."""

    def close(self) -> None:
        """Let go of everything; what shall stay for the next time (masters) stays."""


MakeEngine = Callable[[EngineContext], Engine]
# Chooses the engine of a node for what its task needs; the same engine is made only once.
ChooseEngine = Callable[[Node, frozenset[Ability]], MakeEngine]
