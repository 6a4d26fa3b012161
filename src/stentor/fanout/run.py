"""Run tasks on many nodes: a synchronous iterator of events over one selector.

Each node goes through these states; the window counts the third:

    preparing ──▶ ready ──▶ running ──▶ finished
        │                      │
        └── not reached ───────┴── ending (a timeout, Ctrl-C) ──▶ finished
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.fanout.asking import Ask
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.engine import Engine, Failure, Running
from stentor.fanout.events import Event, Finished, Notice, Output, Started
from stentor.fanout.local import LocalEngine
from stentor.fanout.openssh import OpensshEngine
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import NOT_REACHED, Kind, Outcome
from stentor.ssh.limits import raise_descriptor_limit
from stentor.ssh.reactor import Reactor, Timer

# A session holds a socket and two pipes; the engine itself, files and pipes of its own.
_DESCRIPTORS_EACH = 3
_DESCRIPTORS_KEPT = 64
# Output that overtakes the word that its command has begun waits for it, up to so many bytes.
_EARLY_BYTES = 65536

MakeEngine = Callable[[Reactor, Fleet, Settings], Engine]


def run(
    fleet: Fleet,
    tasks: Sequence[Task],
    settings: Settings = DEFAULTS,
    *,
    local: str | None = None,
    cancellation: Cancellation | None = None,
    environ: Mapping[str, str] | None = None,
    engine: MakeEngine | None = None,
    ask: Ask | None = None,
) -> Iterator[Event]:
    """Run each task on its node and say what happens while it happens.

    Every task yields exactly one ``Finished``; between its ``Started`` and that, ``Output`` as it
    comes. Nodes that are expected down are tried too, but if they are not reached their outcome
    is ``skipped``. Closing the iterator lets go of everything; ``cancellation`` or a
    KeyboardInterrupt in it ends the remote processes first, and the latter is raised again at the end.

    Args:
        fleet: where the nodes are from.
        tasks: at most one for a node.
        settings: the limits.
        local: the alias of the node which is this machine; reached without ssh.
        cancellation: by which another thread or a signal handler asks for the end.
        environ: the environment of ssh and of local commands; the process's own by default.
        engine: makes an engine for all nodes, in place of ``openssh`` and ``local``.
        ask: runs an ``ssh`` on the terminal where a person can answer it; None when nobody can.
    """
    return _Operation(fleet, settings, local, cancellation, environ, engine, ask).events(tasks)


def describe(
    fleet: Fleet,
    nodes: Sequence[Node],
    settings: Settings = DEFAULTS,
    *,
    local: str | None = None,
    environ: Mapping[str, str] | None = None,
    engine: MakeEngine | None = None,
) -> dict[str, str]:
    """Say for each node in a few words how ``run`` would reach it; touches no node.

    Args:
        fleet: where the nodes are from.
        nodes: whom to ask about.
        settings: the limits.
        local: the alias of the node which is this machine.
        environ: the environment of ssh.
        engine: as for ``run``.
    """
    operation = _Operation(fleet, settings, local, None, environ, engine, None)
    try:
        return {node.alias: operation.engine_for(node.alias).describe(node) for node in nodes}
    finally:
        operation.close()


class _Operation:
    """All nodes of one fan-out, and the queue of those which wait for their turn."""

    def __init__(
        self,
        fleet: Fleet,
        settings: Settings,
        local: str | None,
        cancellation: Cancellation | None,
        environ: Mapping[str, str] | None,
        engine: MakeEngine | None,
        ask: Ask | None,
    ) -> None:
        self.reactor = Reactor()
        self.fleet = fleet
        self.settings = settings
        self.queue: deque[Event] = deque()
        self.ready: deque[_Turn] = deque()
        self.running = 0
        self.unfinished: dict[str, _Turn] = {}
        self.stopping = ""
        self._local = local
        self._environ = os.environ if environ is None else environ
        self._cancellation = cancellation
        self._make_engine = engine
        self._ask = ask
        self._engines: dict[str, Engine] = {}
        room = (raise_descriptor_limit() - _DESCRIPTORS_KEPT) // _DESCRIPTORS_EACH
        self.window = max(1, min(settings.window or room, room))

    def engine_for(self, alias: str) -> Engine:
        name = "made" if self._make_engine else "local" if alias == self._local else "openssh"
        engine = self._engines.get(name)
        if engine is None:
            if self._make_engine:
                engine = self._make_engine(self.reactor, self.fleet, self.settings)
            elif name == "local":
                engine = LocalEngine(self.reactor, self._environ)
            else:
                word = "stentor-" + os.urandom(8).hex()
                engine = OpensshEngine(
                    self.reactor,
                    self.fleet,
                    self.settings,
                    self._environ,
                    word,
                    self._ask,
                    self.queue.append,
                    self._is_to_stop,
                )
            self._engines[name] = engine
        return engine

    def events(self, tasks: Sequence[Task]) -> Iterator[Event]:
        interrupted: KeyboardInterrupt | None = None
        if self._cancellation:
            self.reactor.watch(self._cancellation.fileno(), self._cancelled)
        try:
            self.unfinished = {task.node.alias: _Turn(self, task) for task in tasks}
            for turn in list(self.unfinished.values()):
                turn.prepare()
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
        self._fill_window()
        while self.queue:
            yield self.queue.popleft()
        if not self.unfinished:
            return
        for _ in self.reactor.turn():
            while self.queue:
                yield self.queue.popleft()

    def _fill_window(self) -> None:
        while self.ready and self.running < self.window:
            self.ready.popleft().start()

    def _is_to_stop(self) -> bool:
        return bool(self.stopping or (self._cancellation and self._cancellation.requests))

    def _cancelled(self, _: int) -> None:
        cancellation = self._cancellation
        if cancellation is None:
            return
        cancellation.drain()
        if cancellation.requests > 1:
            for turn in list(self.unfinished.values()):
                turn.give_up(cancellation.reason)
        else:
            self.stop(cancellation.reason)

    def stop(self, reason: str) -> None:
        """Begin nothing more, and end what runs."""
        if self.stopping:
            return
        self.stopping = reason
        for turn in list(self.unfinished.values()):
            turn.cancel(reason)

    def finished(self, outcome: Outcome) -> None:
        self.unfinished.pop(outcome.node, None)
        self.queue.append(Finished(outcome.node, outcome))
        if self.settings.fail_fast and not outcome.ok and outcome.kind != "skipped":
            self.stop(f"{outcome.node} failed")

    def close(self) -> None:
        """Let go of everything that is still under way."""
        for turn in list(self.unfinished.values()):
            if turn.command:
                turn.command.abandon()
        for engine in self._engines.values():
            engine.close()
        self.reactor.close()


class _Turn:
    """One node's way through the operation; the engine's listener."""

    def __init__(self, operation: _Operation, task: Task) -> None:
        self.operation = operation
        self.task = task
        self.alias = task.node.alias
        self.command: Running | None = None
        self.in_window = False
        self.ending = False
        self.begun = False
        self.attempts = 0
        self.since = operation.reactor.now()
        self.timer: Timer | None = None
        self.early: list[Event] = []
        self.early_bytes = 0

    def prepare(self) -> None:
        self.attempts += 1
        engine = self.operation.engine_for(self.alias)
        engine.prepare(self.task.node, self._ready, self._not_reached)

    def _ready(self) -> None:
        if self.alias in self.operation.unfinished:
            self.operation.ready.append(self)

    def start(self) -> None:
        if self.alias not in self.operation.unfinished:
            return
        self.in_window = True
        self.operation.running += 1
        self.since = self.operation.reactor.now() if self.attempts == 1 else self.since
        command = self.operation.engine_for(self.alias).start(self.task, self)
        self.command = command

    def _leave_window(self) -> None:
        if self.in_window:
            self.in_window = False
            self.operation.running -= 1

    def _not_reached(self, failure: Failure) -> None:
        if self.alias not in self.operation.unfinished:
            return
        self._leave_window()
        if self.attempts <= self.operation.settings.retries and not self.operation.stopping:
            self.operation.queue.append(Notice(self.alias, f"{failure.reason}; trying again"))
            self.prepare()
            return
        kind, reason = failure.kind, failure.reason
        if self.task.node.expected_down and kind in NOT_REACHED:
            kind, reason = "skipped", f"expected {self.task.node.state}: {reason}"
        self._finish(kind, None, reason, failure.hint)

    # What the engine tells.

    def opened(self) -> None:
        settings, reactor = self.operation.settings, self.operation.reactor
        if settings.shell_timeout is not None:
            self.timer = reactor.after(settings.shell_timeout, self._no_shell)
        elif settings.timeout is not None:
            self.timer = reactor.after(settings.timeout, self._timed_out)

    def started(self, pid: int) -> None:
        self.begun = True
        settings = self.operation.settings
        if settings.shell_timeout is not None and self.timer:
            self.timer.cancel()
            if settings.timeout is not None:
                self.timer = self.operation.reactor.after(settings.timeout, self._timed_out)
        self.operation.queue.append(Started(self.alias, pid))
        self._release()

    def output(self, stream: str, data: bytes) -> None:
        event = Output(self.alias, stream, data)
        if self.begun or self.early_bytes > _EARLY_BYTES:
            self.operation.queue.append(event)
            return
        # The beginning is told on stderr; what stdout has to say can overtake it on the way.
        self.early.append(event)
        self.early_bytes += len(data)
        if self.early_bytes > _EARLY_BYTES:
            self._release()

    def _release(self) -> None:
        if self.early:
            self.operation.queue.extend(self.early)
            self.early.clear()

    def ended(self, kind: Kind, code: int | None, reason: str, hint: str = "") -> None:
        if self.ending:
            return  # `end` says what came of it
        if kind in NOT_REACHED:
            self._not_reached(_Failure(kind, reason, hint))
            return
        self._finish(kind, code, reason, hint)

    # What ends it.

    def _timed_out(self) -> None:
        limit = self.operation.settings.timeout
        self._end("timed-out", f"ran longer than {limit:g} s")

    def _no_shell(self) -> None:
        limit = self.operation.settings.shell_timeout
        self._end("shell-broken", f"logged in, but its shell did not come to the command in {limit:g} s")

    def cancel(self, reason: str) -> None:
        self._end("cancelled", f"cancelled: {reason}")

    def _end(self, kind: Kind, reason: str) -> None:
        if self.ending or self.alias not in self.operation.unfinished:
            return
        self.ending = True
        if self.command is None:
            self._finish(kind, None, f"{reason}, before it began")
            return
        self.command.end(
            self.operation.settings.grace, lambda word: self._finish(kind, None, reason, remote=word)
        )

    def give_up(self, reason: str) -> None:
        """The user does not want to wait for the remote processes to end."""
        if self.command:
            self.command.abandon()
        remote = "may still run: not waited for" if self.begun else ""
        self._finish("cancelled", None, f"cancelled: {reason}", remote=remote)

    def _finish(self, kind: Kind, code: int | None, reason: str, hint: str = "", remote: str = "") -> None:
        if self.alias not in self.operation.unfinished:
            return
        if self.timer:
            self.timer.cancel()
        self._leave_window()
        self._release()
        seconds = self.operation.reactor.now() - self.since
        outcome = Outcome(
            self.alias, kind, code, reason, hint, seconds, self.begun, remote, max(1, self.attempts)
        )
        self.operation.finished(outcome)


class _Failure:
    """An engine's word about a node, kept for the retry."""

    def __init__(self, kind: Kind, reason: str, hint: str) -> None:
        self.kind = kind
        self.reason = reason
        self.hint = hint
