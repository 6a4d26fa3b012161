"""Run tasks on many nodes: a synchronous iterator of events over one selector."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.errors import Refused
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.context import Ask, EngineContext
from stentor.fanout.events import Event, Finished, Notice
from stentor.fanout.node_run import NodeRun
from stentor.fanout.task import Settings, Stream, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import Outcome
from stentor.ssh.limits import raise_descriptor_limit
from stentor.ssh.reactor import Reactor
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.engine import Ability, ChooseEngine, Engine, MakeEngine
    from stentor.fanout.feed import Feed

# A session holds a socket and two pipes, and while it is opened their other ends and standard input.
_DESCRIPTORS_EACH = 3
_DESCRIPTORS_KEPT = 8
_DESCRIPTORS_LEAST = 12


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
    waits: Callable[[bool], None] | None = None,
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
        tasks: at most one for a node.
        choose: returns the engine of a node.
        cancellation: by which another thread or a signal handler asks for the end.
        environ: the environment of ssh and of local commands; the process's own by default.
        ask: runs an ``ssh`` on the terminal where a person can answer it; None when nobody can.
        waits: called before each wait for nodes, with True, and at the end with False: who writes down many
            events at once does so then, and leaves none of them unwritten for long.
        reactor: calls back; a test gives one with its own time.
        chance: random numbers from 0 to 1, for the pauses between tries.
    """
    reactor = reactor or Reactor()
    return _FanOut(fleet, settings, choose, cancellation, environ, ask, reactor, chance, waits).events(tasks)


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
        waits: Callable[[bool], None] | None = None,
    ) -> None:
        self.reactor = reactor
        self.settings = settings
        self.chance = chance
        self.queue: deque[Event] = deque()
        self.ready: deque[NodeRun] = deque()
        self.running = 0
        self.unfinished: dict[str, NodeRun] = {}
        self.stopping = ""
        self.feed: Feed | None = None
        self._waits = waits
        self._choose = choose
        self._cancellation = cancellation
        self._watched = -1  # the descriptor of the next request to stop
        self._engines: dict[MakeEngine, Engine] = {}
        limit, used = raise_descriptor_limit(), _open_descriptors()
        free = limit - used - _DESCRIPTORS_KEPT
        if limit - used < _DESCRIPTORS_LEAST:
            raise Refused(
                f"only {limit} files may be open at once, and {used} are",
                hint="raise the limit: ulimit -n 1024",
            )
        self._context = EngineContext(
            reactor,
            fleet,
            settings,
            dict(os.environ if environ is None else environ),  # each look at os.environ decodes
            self.queue.append,
            self._is_to_stop,
            ask,
            free // 6,
        )
        # Half of them for sessions; names, logins and looks at ports share the rest.
        room = max(1, free // 2 // _DESCRIPTORS_EACH)
        self.window = min(settings.window or room, room)
        self._few = f"only {limit} files may be open at once (ulimit -n): {room} at a time"

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
        try:
            if self.window < min(self.settings.window or len(tasks), len(tasks)):
                self.queue.append(Notice("", self._few))
            self.unfinished = {task.node.alias: NodeRun(self, task) for task in tasks}
            self._open_feed(tasks)
            self._hear()  # where a request came before, nothing begins
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

    def _open_feed(self, tasks: Sequence[Task]) -> None:
        stream = tasks[0].stdin if tasks else None
        if isinstance(stream, Stream):
            from stentor.fanout.feed import Feed

            self.feed = Feed(stream, self.reactor, self.unfinished, self._feed_stuck)

    def _feed_stuck(self) -> None:
        """Those which run wait for input, which waits for those which wait for the window."""
        if self.running >= self.window:
            for node_run in list(self.ready):
                node_run.miss_stream(self.window)

    def _round(self) -> Iterator[Event]:
        while self.ready and self.running < self.window:
            self.ready.popleft().start()
        while self.queue:
            yield self.queue.popleft()
        if not self.unfinished:
            return
        if self._waits:
            self._waits(True)
        for _ in self.reactor.turn():
            while self.queue:
                yield self.queue.popleft()

    def _is_to_stop(self) -> bool:
        return bool(self.stopping or (self._cancellation and self._cancellation.requests))

    def _hear(self, _: int = 0) -> None:
        """Do what requests to stop ask, and watch for the next; each stays readable, for other fan-outs."""
        cancellation = self._cancellation
        if cancellation is None:
            return
        requests = cancellation.requests
        if self._watched >= 0:
            self.reactor.unwatch(self._watched)
        if requests < 2:
            self._watched = cancellation.fileno(after=requests)
            self.reactor.watch(self._watched, self._hear)
        if requests > 1:
            for node_run in list(self.unfinished.values()):
                node_run.give_up(cancellation.reason)
        elif requests:
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
            node_run.abandon()
        if self.feed:
            self.feed.close()
        for engine in self._engines.values():
            engine.close()
        self.reactor.close()
        if self._waits:
            self._waits(False)


def _open_descriptors() -> int:
    """How many files this process has open; about as many as always where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd")) - 1
    except OSError:
        return 16
