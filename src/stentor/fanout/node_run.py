"""One node of a fan-out: its preparation, its tries, its limits, its outcome.

Each node goes through these states; the window counts the third:

    preparing ──▶ ready ──▶ running ──▶ finished
      ▲   │                   │  │
      │   ▼                   │  └── ending (a timeout, Ctrl-C) ──▶ finished
    pausing ◀── not reached ──┘
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from stentor.fanout.events import Event, Output, Retry, Started
from stentor.fanout.task import Settings, Stream, Task
from stentor.fleet.model import Node
from stentor.outcome import NOT_REACHED, Kind, Outcome, unexpected
from stentor.ssh.reactor import Reactor, Timer
from stentor.typed import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from stentor.fanout.engine import Ability, Engine, Failure, Running
    from stentor.fanout.feed import Feed
    from stentor.fanout.pour import Pour

# Output that comes before the command is known to have begun is held back, up to so many bytes.
_EARLY_BYTES = 65536


class FanOut(Protocol):
    """What the nodes of a fan-out share."""

    reactor: Reactor
    settings: Settings
    chance: Callable[[], float]
    queue: deque[Event]
    ready: deque[NodeRun]
    running: int
    unfinished: dict[str, NodeRun]
    stopping: str
    feed: Feed | None

    def engine_for(self, node: Node, needs: frozenset[Ability]) -> Engine:
        """Return the engine that reaches a node."""

    def finished(self, outcome: Outcome) -> None:
        """Take a node's outcome."""


class NodeRun:
    """One node's way through the fan-out; the engine's listener.

    Whatever is done for the node is done on its behalf (see :mod:`stentor.ssh.reactor`): an exception is
    its outcome.
    """

    def __init__(self, fanout: FanOut, task: Task) -> None:
        self._fanout = fanout
        self._reactor = fanout.reactor
        self._settings = fanout.settings
        self._task = task
        self._alias = task.node.alias
        self._needs = _needs(task, fanout.settings)
        self._engine: Engine  # from the first preparation on
        self.command: Running | None = None
        self._in_window = False
        self._ending = False
        self._begun = False
        self._attempts = 0
        self._since = fanout.reactor.now()
        self._timer: Timer | None = None
        self._early: list[Event] = []
        self._early_bytes = 0
        self._bytes = 0
        self._pour: Pour | None = None

    @property
    def _unfinished(self) -> bool:
        return self._alias in self._fanout.unfinished

    def prepare(self) -> None:
        """Get the node ready to run the command."""
        self._reactor.on_behalf(self._broke, self._prepare)

    def _prepare(self) -> None:
        self._attempts += 1
        if self._attempts == 1:
            self._engine = self._fanout.engine_for(self._task.node, self._needs)
        self._engine.prepare(self._task.node, self._ready, self._not_reached)

    def _ready(self) -> None:
        if not self._unfinished:
            return
        if self._engine.own_window:
            self._begin()
        else:
            self._fanout.ready.append(self)

    def start(self) -> None:
        """Start the command; there is room in the window."""
        if not self._unfinished:
            return
        self._in_window = True
        self._fanout.running += 1
        self._begin()

    def _begin(self) -> None:
        if self._attempts == 1:
            self._since = self._reactor.now()
        self._reactor.on_behalf(self._broke, self._start)

    def _start(self) -> None:
        feed, task = self._fanout.feed, self._task
        if feed:
            task = task._replace(stdin=feed.join(self._alias))
        elif task.stdin is not None and not isinstance(task.stdin, (str, Stream)):
            from stentor.fanout.pour import Pour

            self._end_pour()
            self._pour = Pour(self._reactor, task.stdin)
            task = task._replace(stdin=self._pour.path)
        command = self._engine.start(task, self)
        if self._unfinished:
            self.command = command

    def _end_pour(self) -> None:
        if self._pour:
            self._pour.close()
            if held := self._pour.rest():
                self._take("stdout", held)
            self._pour = None

    def _leave_window(self) -> None:
        if self._in_window:
            self._in_window = False
            self._fanout.running -= 1

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _not_reached(self, failure: Failure) -> None:
        if not self._unfinished:
            return
        self._leave_window()
        self._stop_timer()
        self._end_pour()
        self.command = None
        if self._attempts <= self._settings.retries and not self._fanout.stopping:
            from stentor.fanout.backoff import pause

            seconds = pause(self._attempts, self._fanout.chance())
            retry = Retry(self._alias, failure.reason, seconds, self._attempts, self._settings.retries)
            self._fanout.queue.append(retry)
            self._timer = self._reactor.after(seconds, self.prepare)
            return
        kind, reason = failure.kind, failure.reason
        if self._task.node.expected_down and kind in NOT_REACHED:
            kind, reason = "skipped", f"expected {self._task.node.state}: {reason}"
        self._finish(kind, None, reason, failure.hint)

    # What the engine tells.

    def opened(self) -> None:
        """The session is open: the time for the shell, or for the command, runs."""
        if self._fanout.feed:
            self._fanout.feed.begin(self._alias)
        if self._pour:
            self._pour.opened()
        settings = self._settings
        if settings.shell_timeout is not None:
            self._timer = self._reactor.after(settings.shell_timeout, self._no_shell)
        elif settings.timeout is not None:
            self._timer = self._reactor.after(settings.timeout, self._timed_out)

    def started(self, pid: int) -> None:
        """The command runs."""
        self._begun = True
        if self._fanout.feed:
            self._fanout.feed.opened(self._alias)
        if self._pour:
            self._pour.started()
        settings = self._settings
        if settings.shell_timeout is not None:
            self._stop_timer()
            if settings.timeout is not None:
                self._timer = self._reactor.after(settings.timeout, self._timed_out)
        self._fanout.queue.append(Started(self._alias, pid))
        self._release()

    def output(self, stream: str, data: bytes) -> None:
        """Pass output on. Stdout can overtake the marker on stderr, and is held back until that has come."""
        self._bytes += len(data)
        most = self._settings.most_bytes
        if most and self._bytes > most:
            if self._bytes - len(data) <= most:
                self._reactor.soon(self._flooded)
            return
        if self._pour and stream == "stdout":
            data = self._pour.heard(data)
        if data:
            self._take(stream, data)

    def _take(self, stream: str, data: bytes) -> None:
        event = Output(self._alias, stream, data)
        if self._begun or self._early_bytes > _EARLY_BYTES:
            self._fanout.queue.append(event)
            return
        self._early.append(event)
        self._early_bytes += len(data)
        if self._early_bytes > _EARLY_BYTES:
            self._release()

    def _release(self) -> None:
        if self._early:
            self._fanout.queue.extend(self._early)
            self._early.clear()

    def ended(self, kind: Kind, code: int | None, reason: str, hint: str = "") -> None:
        """The command has ended by itself."""
        if self._ending:
            return  # `end` says what came of it
        if kind in NOT_REACHED:
            self._not_reached(_Failure(kind, reason, hint))
            return
        if self._settings.most_bytes and self._bytes > self._settings.most_bytes:
            # Before it could be stopped: the end of its output was dropped all the same.
            kind, code, (reason, hint) = "failed", None, self._too_much("and was cut off")
        self._finish(kind, code, reason, hint)

    # What ends it.

    def _timed_out(self) -> None:
        self._end("timed-out", f"ran longer than {self._settings.timeout:g} s")

    def _flooded(self) -> None:
        self._end("failed", *self._too_much("and was stopped"))

    def _too_much(self, then: str) -> tuple[str, str]:
        from stentor.sizes import shown

        reason = f"wrote more than {shown(self._settings.most_bytes)}, {then}"
        return reason, "--max-output allows more, if that is what it should say"

    def _no_shell(self) -> None:
        limit = self._settings.shell_timeout
        self._end("shell-broken", f"logged in, but its shell did not come to the command in {limit:g} s")

    def cancel(self, reason: str) -> None:
        """End it: the whole fan-out is to end."""
        self._reactor.on_behalf(self._broke, self._end, "cancelled", f"cancelled: {reason}")

    def _end(self, kind: Kind, reason: str, hint: str = "") -> None:
        if self._ending or not self._unfinished:
            return
        self._ending = True
        if self.command is None:
            self._finish(kind, None, f"{reason}, before it began")
            return
        self.command.end(self._settings.grace, lambda word: self._finish(kind, None, reason, hint, word))

    def abandon(self) -> None:
        """Let go of what is under way, without an outcome."""
        if self.command:
            self.command.abandon()
        self._end_pour()

    def give_up(self, reason: str) -> None:
        """Let go at once, without waiting for the remote process to end."""
        if self.command:
            self._reactor.on_behalf(self._broke, self.command.abandon)
        remote = "may still run: not waited for" if self._begun else ""
        self._finish("cancelled", None, f"cancelled: {reason}", remote=remote)

    def miss_stream(self, window: int) -> None:
        """Standard input will not wait for it."""
        reason = f"standard input goes to {window} nodes at once, and did not wait for more"
        self._finish("failed", None, reason, "a larger --window; or its input in a file: < FILE")

    def _broke(self, error: Exception) -> None:
        """An exception while this node was handled: the others go on."""
        command, self.command = self.command, None
        if command:
            with suppress(Exception):  # what is broken may not even be let go of
                command.abandon()
        remote = "may still run: it was lost sight of" if self._begun else ""
        self._finish("failed", None, unexpected(error), remote=remote)

    def _finish(self, kind: Kind, code: int | None, reason: str, hint: str = "", remote: str = "") -> None:
        if not self._unfinished:
            return
        self._stop_timer()
        self._leave_window()
        if self._fanout.feed:
            self._fanout.feed.leave(self._alias)
        self._end_pour()
        self._release()
        seconds = self._reactor.now() - self._since
        attempts = max(1, self._attempts)
        outcome = Outcome(self._alias, kind, code, reason, hint, seconds, self._begun, remote, attempts)
        self._fanout.finished(outcome)


def _needs(task: Task, settings: Settings) -> frozenset[Ability]:
    """What the engine of a task must be able to do."""
    needs: set[Ability] = set()
    if task.stdin is not None:
        needs.add("stdin")
    if settings.shell_timeout is not None:
        needs.add("marker")
    return frozenset(needs)


class _Failure(NamedTuple):
    """What an engine says of a node that was not reached."""

    kind: Kind
    reason: str
    hint: str
