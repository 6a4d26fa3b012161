"""Engine ``clustershell``: what the fan-out sees of it. Gateways are :mod:`stentor.engines.tree.gate`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from stentor.engines.openssh import OpensshEngine
from stentor.engines.tree import leaf
from stentor.engines.tree.channel import Channel
from stentor.engines.tree.command import TreeCommand
from stentor.engines.tree.gate import Gate
from stentor.engines.tree.link import GateLink, Waiting
from stentor.engines.tree.routes import Choice, best
from stentor.fanout.context import EngineContext
from stentor.fanout.events import Notice
from stentor.fanout.task import DEFAULTS, Task
from stentor.fleet.model import Node
from stentor.outcome import Kind
from stentor.ssh.diagnose import Diagnosis
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.fanout.engine import Failure, Listener, Running

_LOOK = 1.0  # seconds between two looks whether gateways still answer
_STALE = 0.4  # seconds after which the failure of a gateway does not count for a new try


class _Run:
    """Who is told of one run's events, and of which hosts the end is still to come."""

    __slots__ = ("left", "told")

    def __init__(self, told: Callable[[list[Any]], None], hosts: Iterable[str]) -> None:
        self.told = told
        self.left = {*hosts}


class TreeEngine:
    """Nodes behind gateways.

    A gateway is logged in to by Stentor's own engine, whose master then carries ClusterShell's channel. It
    has to answer over it before any node is sent to it. A node whose command was not sent goes to
    another of its gateways when one fails; what was sent is never sent twice.
    """

    def __init__(self, context: EngineContext, choice: Choice) -> None:
        self.context = context
        self.reactor = context.reactor
        self.choice = choice
        self.word = "stentor-" + os.urandom(8).hex()
        self.flat = OpensshEngine(context)
        self.gates: dict[str, Gate] = {}
        self._runs: dict[int, _Run] = {}
        self._number = 0
        self._gate_of: dict[str, Gate] = {}
        settings = context.settings
        self.own_window = settings.window == DEFAULTS.window
        self.window = context.fleet.policy.tree.window
        if not self.own_window and settings.window:
            self.window = min(self.window, settings.window)
        self._channel: Channel | None = None
        self._batch: dict[TreeCommand, None] = {}
        self._ends: list[TreeCommand] = []
        self._directly: set[str] = set()
        self._watching = False

    # -- getting ready -------------------------------------------------------------------------

    def describe(self, node: Node) -> str:
        return f"tree: through {' or '.join(self.choice.nodes[node.alias])} ({self.choice.why})"

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Wait for a slot behind one of the node's gateways."""
        self._forget_failures(self.choice.nodes[node.alias])
        self.place(Waiting(node, ready, failed, self.reactor.owner))

    def _forget_failures(self, candidates: Sequence[str]) -> None:
        """A node that is tried once more (``--retries``) finds its gateways tried once more, too."""
        gates = [self.gates.get(alias) for alias in candidates]
        now = self.reactor.now()
        if all(gate and gate.reason and not gate.lacks and now - gate.failed_at > _STALE for gate in gates):
            for alias in candidates:
                del self.gates[alias]

    def place(self, waiting: Waiting) -> None:
        """Let a node wait at the best of its gateways; where none is left, reach it directly or fail."""
        if self._waits_at_a_gate(waiting):
            return
        node = waiting.node
        if not self.choice.strict and any(gate.lacks for gate in self._gates_of(node)):
            self._directly.add(node.alias)
            self.reactor.on_behalf(waiting.owner, self.flat.prepare, node, waiting.ready, waiting.failed)
        else:
            self.reactor.on_behalf(waiting.owner, waiting.failed, self._none_left(node))

    def _waits_at_a_gate(self, waiting: Waiting) -> bool:
        """Let a node wait at the best of its gateways; return False where none is left."""
        node, gates = waiting.node, self.gates
        failed = [alias for alias, gate in gates.items() if gate.reason]
        loads = {alias: gate.load for alias, gate in gates.items()}
        alias = best(self.choice.nodes[node.alias], failed, loads)
        if alias is None:
            return False
        gate = gates.get(alias)
        if gate is None:
            gate = gates[alias] = Gate(self, self.context.fleet.nodes[alias])
        self._gate_of[node.alias] = gate
        gate.wait(waiting)
        return True

    def _gates_of(self, node: Node) -> list[Gate]:
        return [self.gates[alias] for alias in self.choice.nodes[node.alias]]

    def _none_left(self, node: Node) -> Diagnosis:
        tried = self._gates_of(node)
        reason = "; ".join(f"gateway {gate.node.alias}: {gate.reason}" for gate in tried)
        hints = [gate.hint for gate in tried if gate.hint]
        kind: Kind = "unreachable"
        return Diagnosis(
            kind, reason, hints[0] if hints else f"look at it: stentor gateway check {tried[0].node.alias}"
        )

    def gateway_failed(self, gate: GateLink) -> None:
        """Say it once where nodes are then reached directly."""
        if gate.lacks and not self.choice.strict:
            text = f"gateway {gate.node.alias}: {gate.reason}; its nodes are reached directly"
            self.context.tell(Notice("", text))

    # -- running -------------------------------------------------------------------------------

    def start(self, task: Task, listener: Listener) -> Running:
        """Start a command; those of one moment are sent together."""
        if task.node.alias in self._directly:
            return self.flat.start(task, listener)
        command = TreeCommand(self, task, listener)
        self._queue(command)
        return command

    def _queue(self, command: TreeCommand) -> None:
        """Send it with the others of this moment, by another gateway where its own has failed meanwhile."""
        gate = self._gate_of[command.task.node.alias]
        if command.over:  # ended while it waited for another gateway
            gate.leave(command)
            return
        if gate.reason:
            gate.leave(command)
            node, again = command.task.node, partial(self._queue, command)
            # Not directly: what was started is a command of this engine.
            if not self._waits_at_a_gate(Waiting(node, again, command.not_reached, command.owner)):
                self.reactor.on_behalf(command.owner, command.not_reached, self._none_left(node))
            return
        command.behind(gate)
        self._soon()
        self._batch[command] = None

    def _soon(self) -> None:
        if not self._batch and not self._ends:
            self.reactor.on_behalf(None, self.reactor.soon, self._send)

    def end(self, command: TreeCommand) -> None:
        """End a command that has begun; those of one moment are ended together."""
        self._soon()
        self._ends.append(command)

    def unsend(self, command: TreeCommand) -> None:
        """Take a command back, if it was not sent."""
        self._batch.pop(command, None)

    def _send(self) -> None:
        batch, self._batch = self._batch, {}
        ends, self._ends = self._ends, []
        for command in [one for one in batch if one.gate.reason]:
            del batch[command]
            self._queue(command)
        for commands in _alike(batch, _likeness, lambda command: command.host):
            self._send_run(commands)
        # A node is known by where the login came to, which several can have (each in a network of its own).
        endings = _alike(ends, _way, lambda command: command.answer.place)
        for commands in endings:
            self._send_endings(commands)

    def _send_run(self, commands: list[TreeCommand]) -> None:
        first = commands[0]
        text = leaf.command(self.word, first.task.command, first.task.environment)
        by_host = {command.host: command for command in commands}

        def told(event: list[Any]) -> None:
            command = by_host.get(event[2])
            if command is not None:
                self.reactor.on_behalf(command.owner, command.told, event[0], event[3])

        for command in commands:
            command.sent()
        self._run(first.gate, list(by_host), leaf.by_ssh(text, first.login, self._patience), told)

    def _send_endings(self, commands: list[TreeCommand]) -> None:
        grace = max(command.grace for command in commands)
        by_host = {command.host: command for command in commands}
        groups = {command.answer.place: (command.answer.pid, command.mark) for command in commands}
        words: dict[str, str] = {}

        def told(event: list[Any]) -> None:
            kind, _, host, rest = event
            if kind == "o":
                with suppress(ValueError):
                    words[host] = words.get(host, "") + leaf.decoded(rest).decode("latin-1")
            elif kind == "x" and host in by_host:
                command = by_host[host]
                self.reactor.on_behalf(command.owner, command.group_ended, words.get(host, "").strip())

        line = leaf.by_ssh(leaf.endings(groups, grace), commands[0].login, self._patience)
        self._run(commands[0].gate, list(by_host), line, told)

    def _run(self, gate: GateLink, hosts: list[str], line: str, told: Callable[[list[Any]], None]) -> None:
        self._number = number = self._number + 1
        self._runs[number] = _Run(told, hosts)
        self.channel().ask({"run": number, "gateway": gate.node.alias, "hosts": hosts, "command": line})

    @property
    def _patience(self) -> float:
        return self.context.settings.connect_timeout

    # -- the process ---------------------------------------------------------------------------

    def channel(self) -> Channel:
        """The process with ClusterShell in it, started with the first gateway."""
        if self._channel is None:
            self._channel = Channel(self.reactor, self.context.environ, self._told, self._process_ended)
            if not self._watching:
                self._watch()
        return self._channel

    def _told(self, event: list[Any]) -> None:
        if event[0] in ("o", "e", "x"):
            self._told_of_run(event)
            return
        kind, alias, *rest = event
        gate = self.gates.get(alias)
        if gate is None:  # it failed, and was forgotten for a new try
            return
        if kind == "said":
            gate.said(rest[0])
        elif kind == "heard":
            gate.heard()
        elif kind == "serving":
            gate.serves()
        elif kind == "lost":
            gate.lost()

    def _told_of_run(self, event: list[Any]) -> None:
        """Pass it on. A gateway decides what it says: also of a host after its end, or of one never named."""
        kind, number, host, _ = event
        run = self._runs.get(number)
        if run is None or host not in run.left:
            return
        run.told(event)
        if kind == "x":
            run.left.discard(host)
            if not run.left:
                self._runs.pop(number, None)

    def _process_ended(self, said: str) -> None:
        self._channel = None  # a new try has a new one
        self._runs.clear()
        for gate in list(self.gates.values()):
            gate.fail(f"the process with ClusterShell ended here: {said or 'it said nothing'}")

    def _watch(self) -> None:
        if self._watching:
            for gate in list(self.gates.values()):
                gate.look()
        self._watching = True
        self.reactor.on_behalf(None, self.reactor.after, _LOOK, self._watch)

    def close(self) -> None:
        """End the process and the gateways' part of it; masters stay."""
        if self._channel is not None:
            self._channel.close()
        self.flat.close()


def _way(command: TreeCommand) -> tuple[object, ...]:
    return command.gate.node.alias, command.login


def _likeness(command: TreeCommand) -> tuple[object, ...]:
    task = command.task
    return (*_way(command), task.command, tuple(sorted(task.environment.items())))


def _alike(
    commands: Iterable[TreeCommand],
    key: Callable[[TreeCommand], tuple[object, ...]],
    name: Callable[[TreeCommand], str],
) -> list[list[TreeCommand]]:
    """Group commands that one message can hold: those with the same key, and no name twice."""
    groups: dict[tuple[object, ...], dict[str, TreeCommand]] = {}
    for command in commands:
        number = 0
        while name(command) in (group := groups.setdefault((*key(command), number), {})):
            number += 1
        group[name(command)] = command
    return [list(group.values()) for group in groups.values()]
