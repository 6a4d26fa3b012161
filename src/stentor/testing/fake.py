"""Engine ``fake``: nodes which say what they were told to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.fanout.arrival import LOST
from stentor.fanout.context import EngineContext
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.outcome import NOT_REACHED, Kind
from stentor.ssh.diagnose import Diagnosis
from stentor.ssh.reactor import Reactor, Timer
from stentor.typed import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from stentor.fanout.engine import Failure, Listener


class Reply(NamedTuple):
    """What a fake node does with a command."""

    stdout: bytes = b""  # what it writes there
    stderr: bytes = b""  # and there
    code: int = 0  # its exit code
    # An outcome's kind in place of ok or failed: one of those of nodes that are not reached, or
    # ``shell-broken``, ``lost``, ``signalled``.
    kind: Kind | Literal[""] = ""
    reason: str = ""  # the outcome's reason
    seconds: float = 0.0  # how long it takes


Answers = Mapping[str, Reply] | Callable[[str, str], Reply]


class FakeNodes:
    """Makes the engine; give it to ``Fleet.open(engine=…)``.

    Args:
        answers: a reply for each alias (others answer with nothing and 0), or a function of alias
            and command; it is asked with an empty command whether the node is reached at all.

    Attributes:
        tasks: each task that was started, in order.
    """

    def __init__(self, answers: Answers | None = None) -> None:
        self._answers: Answers = {} if answers is None else answers
        self.tasks: list[Task] = []

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Alias and command of each task that was started, in order."""
        return [(task.node.alias, task.command) for task in self.tasks]

    def reply(self, alias: str, command: str) -> Reply:
        """Return what a node answers."""
        if callable(self._answers):
            return self._answers(alias, command)
        return self._answers.get(alias, Reply())

    def __call__(self, context: EngineContext) -> FakeEngine:
        """Make an engine for one fan-out."""
        return FakeEngine(context.reactor, self)


class FakeEngine:
    """Behind the same protocol as the real ones."""

    own_window = False

    def __init__(self, reactor: Reactor, nodes: FakeNodes) -> None:
        self._reactor = reactor
        self._nodes = nodes

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Ready at once, or not reached."""
        reply = self._nodes.reply(node.alias, "")
        if reply.kind and reply.kind in NOT_REACHED:
            failed(Diagnosis(reply.kind, reply.reason or reply.kind, ""))
        else:
            ready()

    def start(self, task: Task, listener: Listener) -> _FakeCommand:
        """Answer in the reactor's next turn, or after the reply's seconds."""
        # Whether its input arrives is no question here.
        task = task._replace(command=task.command.rpartition(LOST)[2])
        self._nodes.tasks.append(task)
        return _FakeCommand(self._reactor, listener, self._nodes.reply(task.node.alias, task.command))

    def describe(self, node: Node) -> str:  # noqa: ARG002
        """Say how the node would be reached."""
        return "a fake node"

    def close(self) -> None:
        """Nothing is kept."""


class _FakeCommand:
    def __init__(self, reactor: Reactor, listener: Listener, reply: Reply) -> None:
        self._reactor = reactor
        self._listener = listener
        self._reply = reply
        self._timer: Timer | None = None
        self._over = False
        reactor.soon(self._begin)

    def _begin(self) -> None:
        if self._over:
            return
        self._listener.opened()
        if self._reply.kind != "shell-broken":
            self._listener.started(1)
        self._timer = self._reactor.after(self._reply.seconds, self._answer)

    def _answer(self) -> None:
        reply = self._reply
        self._over = True
        for stream, data in (("stdout", reply.stdout), ("stderr", reply.stderr)):
            if data:
                self._listener.output(stream, data)
        if reply.kind and reply.kind != "ok":
            self._listener.ended(reply.kind, None, reply.reason or reply.kind)
        elif reply.code:
            self._listener.ended("failed", reply.code, reply.reason or f"exit code {reply.code}")
        else:
            self._listener.ended("ok", 0, "")

    def end(self, grace: float, done: Callable[[str], None]) -> None:  # noqa: ARG002
        """End it at once."""
        self.abandon()
        done("ended by TERM")

    def abandon(self) -> None:
        """Let go."""
        self._over = True
        if self._timer:
            self._timer.cancel()
