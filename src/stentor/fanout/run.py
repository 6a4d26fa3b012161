"""Run tasks on many nodes: a synchronous iterator of events over one selector.

Each node goes through these states; the window counts the third:

    preparing ──▶ ready ──▶ running ──▶ finished
      ▲   │                   │  │
      │   ▼                   │  └── ending (a timeout, Ctrl-C) ──▶ finished
    pausing ◀── not reached ──┘
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from stentor.fanout.cancellation import Cancellation
from stentor.fanout.context import Ask, EngineContext
from stentor.fanout.events import Event, Finished, Output, Retry, Started
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import NOT_REACHED, Kind, Outcome, unexpected
from stentor.ssh.limits import raise_descriptor_limit
from stentor.ssh.reactor import Reactor, Timer
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.engine import Ability, ChooseEngine, Engine, Failure, MakeEngine, Running

# A session holds a socket and two pipes; the engine itself, files and pipes of its own.
_DESCRIPTORS_EACH = 3
_DESCRIPTORS_KEPT = 64
# Output that comes before the command is known to have begun is held back, up to so many bytes.
_EARLY_BYTES = 65536


def _chance() -> float:
    """A random number from 0 to 1, without the cost of importing ``random``."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


def run(
    fleet: Fleet,
    tasks: Sequence[Task],
    settings: Settings,
    choose: ChooseEngine,
    *,
    cancellation: Cancellation | None = None,
    environ: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    reactor: Reactor | None = None,
    chance: Callable[[], float] = _chance,
) -> Iterator[Event]:
    """Run each task on its node and say what happens while it happens.

    Every task yields exactly one ``Finished``; between its ``Started`` and that, ``Output`` as it
    comes. Nodes that are expected down are tried too, but if they are not reached their outcome
    is ``skipped``. An exception while a node is handled is that node's outcome. Closing the iterator
    lets go of everything; ``cancellation`` or a KeyboardInterrupt in it ends the remote processes
    first, and the latter is raised again at the end.

    Args:
        fleet: where the nodes are from.
        tasks: at most one for a node.
        settings: the limits.
        choose: returns the engine of a node.
        cancellation: by which another thread or a signal handler asks for the end.
        environ: the environment of ssh and of local commands; the process's own by default.
        ask: runs an ``ssh`` on the terminal where a person can answer it; None when nobody can.
        reactor: calls back; a test gives one with its own time.
        chance: random numbers from 0 to 1, for the pauses between tries.
    """
    reactor = reactor or Reactor()
    return _FanOut(fleet, settings, choose, cancellation, environ, ask, reactor, chance).events(tasks)


def describe(
    fleet: Fleet,
    nodes: Sequence[Node],
    settings: Settings,
    choose: ChooseEngine,
    *,
    environ: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Say for each node in a few words how ``run`` would reach it; touches no node.

    The arguments are those of :func:`run`.
    """
    fanout = _FanOut(fleet, settings, choose, None, environ, None, Reactor(), _chance)
    try:
        return {node.alias: fanout.engine_for(node, frozenset()).describe(node) for node in nodes}
    finally:
        fanout.close()


class _FanOut:
    """All nodes of one fan-out, and the queue of those which are ready to run."""

    def __init__(
        self,
        fleet: Fleet,
        settings: Settings,
        choose: ChooseEngine,
        cancellation: Cancellation | None,
        environ: Mapping[str, str] | None,
        ask: Ask | None,
        reactor: Reactor,
        chance: Callable[[], float],
    ) -> None:
        self.reactor = reactor
        self.settings = settings
        self.chance = chance
        self.queue: deque[Event] = deque()
        self.ready: deque[_NodeRun] = deque()
        self.running = 0
        self.unfinished: dict[str, _NodeRun] = {}
        self.stopping = ""
        self._choose = choose
        self._cancellation = cancellation
        self._engines: dict[MakeEngine, Engine] = {}
        self._context = EngineContext(
            reactor,
            fleet,
            settings,
            os.environ if environ is None else environ,
            self.queue.append,
            self._is_to_stop,
            ask,
        )
        room = (raise_descriptor_limit() - _DESCRIPTORS_KEPT) // _DESCRIPTORS_EACH
        self.window = max(1, min(settings.window or room, room))

    def engine_for(self, node: Node, needs: frozenset[Ability]) -> Engine:
        """Return the engine that reaches a node; each is made once."""
        make = self._choose(node, needs)
        engine = self._engines.get(make)
        if engine is None:
            engine = self._engines[make] = make(self._context)
        return engine

    def events(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """Yield what happens until every node is finished."""
        interrupted: KeyboardInterrupt | None = None
        if self._cancellation:
            self.reactor.watch(self._cancellation.fileno(), self._cancelled)
        try:
            self.unfinished = {task.node.alias: _NodeRun(self, task) for task in tasks}
            for node_run in list(self.unfinished.values()):
                node_run.prepare()
            while self.unfinished or self.queue:
                try:
                    yield from self._round()
                except KeyboardInterrupt as interrupt:
                    if interrupted:
                        raise
                    interrupted = interrupt
                    self.stop("Ctrl-C")
        finally:
            self.close()
        if interrupted:
            raise interrupted

    def _round(self) -> Iterator[Event]:
        while self.ready and self.running < self.window:
            self.ready.popleft().start()
        while self.queue:
            yield self.queue.popleft()
        if not self.unfinished:
            return
        for _ in self.reactor.turn():
            while self.queue:
                yield self.queue.popleft()

    def _is_to_stop(self) -> bool:
        return bool(self.stopping or (self._cancellation and self._cancellation.requests))

    def _cancelled(self, _: int) -> None:
        cancellation = self._cancellation
        if cancellation is None:
            return
        cancellation.drain()
        if cancellation.requests > 1:
            for node_run in list(self.unfinished.values()):
                node_run.give_up(cancellation.reason)
        else:
            self.stop(cancellation.reason)

    def stop(self, reason: str) -> None:
        """Begin nothing more, and end what runs."""
        if self.stopping:
            return
        self.stopping = reason
        for node_run in list(self.unfinished.values()):
            node_run.cancel(reason)

    def finished(self, outcome: Outcome) -> None:
        """Take a node's outcome."""
        self.unfinished.pop(outcome.node, None)
        self.queue.append(Finished(outcome.node, outcome))
        if self.settings.fail_fast and not outcome.ok and outcome.kind != "skipped":
            self.stop(f"{outcome.node} failed")

    def close(self) -> None:
        """Let go of everything that is still under way."""
        for node_run in list(self.unfinished.values()):
            if node_run.command:
                node_run.command.abandon()
        for engine in self._engines.values():
            engine.close()
        self.reactor.close()


class _NodeRun:
    """One node's way through the fan-out; the engine's listener.

    Whatever is done for the node is done on its behalf (see :mod:`stentor.ssh.reactor`): an exception is
    its outcome.
    """

    def __init__(self, fanout: _FanOut, task: Task) -> None:
        self._fanout = fanout
        self._reactor = fanout.reactor
        self._settings = fanout.settings
        self._task = task
        self._alias = task.node.alias
        self._needs = _needs(task, fanout.settings)
        self.command: Running | None = None
        self._in_window = False
        self._ending = False
        self._begun = False
        self._attempts = 0
        self._since = fanout.reactor.now()
        self._timer: Timer | None = None
        self._early: list[Event] = []
        self._early_bytes = 0

    @property
    def _unfinished(self) -> bool:
        return self._alias in self._fanout.unfinished

    def prepare(self) -> None:
        """Get the node ready to run the command."""
        self._reactor.on_behalf(self._broke, self._prepare)

    def _prepare(self) -> None:
        self._attempts += 1
        engine = self._fanout.engine_for(self._task.node, self._needs)
        engine.prepare(self._task.node, self._ready, self._not_reached)

    def _ready(self) -> None:
        if self._unfinished:
            self._fanout.ready.append(self)

    def start(self) -> None:
        """Start the command; there is room in the window."""
        if not self._unfinished:
            return
        self._in_window = True
        self._fanout.running += 1
        if self._attempts == 1:
            self._since = self._reactor.now()
        self._reactor.on_behalf(self._broke, self._start)

    def _start(self) -> None:
        engine = self._fanout.engine_for(self._task.node, self._needs)
        command = engine.start(self._task, self)
        if self._unfinished:
            self.command = command

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
        settings = self._settings
        if settings.shell_timeout is not None:
            self._timer = self._reactor.after(settings.shell_timeout, self._no_shell)
        elif settings.timeout is not None:
            self._timer = self._reactor.after(settings.timeout, self._timed_out)

    def started(self, pid: int) -> None:
        """The command runs."""
        self._begun = True
        settings = self._settings
        if settings.shell_timeout is not None:
            self._stop_timer()
            if settings.timeout is not None:
                self._timer = self._reactor.after(settings.timeout, self._timed_out)
        self._fanout.queue.append(Started(self._alias, pid))
        self._release()

    def output(self, stream: str, data: bytes) -> None:
        """Pass output on. Stdout can overtake the marker on stderr, and is held back until that has come."""
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
        self._finish(kind, code, reason, hint)

    # What ends it.

    def _timed_out(self) -> None:
        self._end("timed-out", f"ran longer than {self._settings.timeout:g} s")

    def _no_shell(self) -> None:
        limit = self._settings.shell_timeout
        self._end("shell-broken", f"logged in, but its shell did not come to the command in {limit:g} s")

    def cancel(self, reason: str) -> None:
        """End it: the whole fan-out is to end."""
        self._reactor.on_behalf(self._broke, self._end, "cancelled", f"cancelled: {reason}")

    def _end(self, kind: Kind, reason: str) -> None:
        if self._ending or not self._unfinished:
            return
        self._ending = True
        if self.command is None:
            self._finish(kind, None, f"{reason}, before it began")
            return
        self.command.end(self._settings.grace, lambda word: self._finish(kind, None, reason, remote=word))

    def give_up(self, reason: str) -> None:
        """Let go at once, without waiting for the remote process to end."""
        if self.command:
            self._reactor.on_behalf(self._broke, self.command.abandon)
        remote = "may still run: not waited for" if self._begun else ""
        self._finish("cancelled", None, f"cancelled: {reason}", remote=remote)

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


class _Failure:
    """What an engine says of a node that was not reached."""

    def __init__(self, kind: Kind, reason: str, hint: str) -> None:
        self.kind = kind
        self.reason = reason
        self.hint = hint
