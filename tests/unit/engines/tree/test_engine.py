"""The engine in a dialogue with the process that has ClusterShell in it: what is asked, what follows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.engines.tree.engine import TreeEngine
from stentor.engines.tree.gate import Gate
from stentor.engines.tree.link import Waiting
from stentor.engines.tree.routes import Choice
from stentor.fanout.context import EngineContext
from stentor.fanout.task import DEFAULTS, Task
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Tree
from stentor.ssh.diagnose import Diagnosis
from stentor.ssh.reactor import Reactor

GATES = {f"gw{number}": Node(f"gw{number}", "") for number in (1, 2)}
LEAVES = {f"a{number}": Node(f"a{number}", "", (f"10.0.0.{number}",)) for number in range(1, 5)}


class Process:
    """In place of ClusterShell: keeps what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def ask(self, wanted: dict[str, Any]) -> None:
        self.asked.append(wanted)

    def close(self) -> None:
        pass


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def opened(self) -> None:
        self.told.append(("opened",))

    def started(self, pid: int) -> None:
        self.told.append(("started", pid))

    def output(self, stream: str, data: bytes) -> None:
        self.told.append((stream, data))

    def ended(self, *outcome: Any) -> None:
        self.told.append(("ended", *outcome[:3]))


class World:
    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, *, window: int, strict: bool) -> None:
        self.now = 0.0
        self.reactor = Reactor(lambda: self.now)
        self.process = Process()
        self.listeners = {alias: Heard() for alias in LEAVES}
        self.failed: dict[str, str] = {}
        self.running: dict[str, Any] = {}
        fleet = Fleet("/f", {**GATES, **LEAVES}, {}, policy=Policy(tree=Tree(window=window)))
        environ = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        context = EngineContext(self.reactor, fleet, DEFAULTS, environ, lambda _: None, lambda: False)
        ways = dict.fromkeys(LEAVES, ("gw1", "gw2"))
        self.engine = TreeEngine(context, Choice("clustershell", ways, "why", strict))
        monkeypatch.setattr(self.engine, "_channel", self.process)
        monkeypatch.setattr(self.engine.flat, "prepare", lambda node, ready, failed: ready())
        monkeypatch.setattr(Gate, "_master", lambda _: "/nowhere")
        monkeypatch.setattr(Gate, "_end_processes", lambda _: None)
        for alias, node in LEAVES.items():
            self.engine.prepare(node, self._starter(node), self._failing(alias))

    def _starter(self, node: Node) -> Callable[[], None]:
        def start() -> None:
            task = Task(node, "uptime")
            self.running[node.alias] = self.engine.start(task, self.listeners[node.alias])

        return start

    def _failing(self, alias: str) -> Callable[[Any], None]:
        def failed(why: Diagnosis) -> None:
            self.failed[alias] = why.reason

        return failed

    def turn(self, seconds: float = 0.0) -> None:
        self.now += seconds
        for _ in range(3):
            list(self.reactor.turn(0))

    def serve(self, gate: str) -> None:
        """Let a gateway answer."""
        assert gate in [one["gateway"] for one in self.process.asked if "argv" in one]
        self.engine._told(["serving", gate])
        self.turn()

    def runs(self) -> list[dict[str, Any]]:
        return [one for one in self.process.asked if "run" in one]

    def say(self, run: dict[str, Any], host: str, line: str) -> None:
        self.piece(run, host, f"\x1e{self.engine.word} {line}\n".encode())

    def piece(self, run: dict[str, Any], host: str, data: bytes) -> None:
        self.engine._told(["o", run["run"], host, b64encode(data).decode()])

    def end(self, run: dict[str, Any], host: str, code: int = 0) -> None:
        self.engine._told(["x", run["run"], host, code])
        self.turn()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def world(*, window: int = 64, strict: bool = True) -> World:
        return World(tmp_path, monkeypatch, window=window, strict=strict)

    return world


def test_nothing_is_sent_before_a_gateway_has_shown_that_it_serves(make: Callable[..., World]) -> None:
    world = make()
    world.turn()
    assert world.runs() == []
    world.serve("gw1")
    (run,) = world.runs()
    assert run["gateway"] == "gw1"
    assert run["hosts"] == ["10.0.0.1", "10.0.0.3"], "each other one waits for gw2"
    assert "exec ssh -T " in run["command"]


def test_answer_of_a_node_in_its_order(make: Callable[..., World]) -> None:
    world = make()
    world.serve("gw1")
    (run,) = world.runs()
    world.say(run, "10.0.0.1", "b 42 10.0.0.1:22")
    world.piece(run, "10.0.0.1", b"up 3 days\x1e")
    world.say(run, "10.0.0.1", "x 76")
    world.end(run, "10.0.0.1")
    assert world.listeners["a1"].told == [
        ("opened",),
        ("started", 42),
        ("stdout", b"up 3 days"),
        ("stdout", b"\x1e"),
        ("ended", "failed", 76, "exit code 76"),
    ]


def test_window_holds_for_each_gateway_and_those_that_end_make_room(make: Callable[..., World]) -> None:
    world = make(window=1)
    world.serve("gw1")
    (run,) = world.runs()
    assert run["hosts"] == ["10.0.0.1"]
    world.say(run, "10.0.0.1", "b 42 10.0.0.1:22")
    world.say(run, "10.0.0.1", "x 0")
    world.end(run, "10.0.0.1")
    assert [one["hosts"] for one in world.runs()] == [["10.0.0.1"], ["10.0.0.3"]]


def test_what_waits_goes_elsewhere_and_what_was_sent_does_not(make: Callable[..., World]) -> None:
    world = make(window=1)
    world.serve("gw1")
    world.serve("gw2")
    first, second = world.runs()
    world.say(first, "10.0.0.1", "b 42 10.0.0.1:22")
    world.engine._told(["lost", "gw1"])
    kind, code, reason = world.listeners["a1"].told[-1][1:]
    assert (kind, code) == ("lost", None)
    assert reason.startswith("gateway gw1: the connection to it was lost")
    assert world.listeners["a2"].told == []
    for host in ("10.0.0.2", "10.0.0.4", "10.0.0.3"):
        run = world.runs()[-1]
        assert (run["gateway"], run["hosts"]) == ("gw2", [host])
        world.say(run, host, "b 7 x:22")
        world.say(run, host, "x 0")
        world.end(run, host)
    assert second["hosts"] == ["10.0.0.2"]


def test_gateway_that_does_not_begin_to_serve_is_given_up(make: Callable[..., World]) -> None:
    world = make()
    world.engine._watch()
    world.serve("gw2")
    world.turn(7)
    world.engine._told(["heard", "gw2"])
    world.turn(7)
    assert world.engine.gates["gw1"].reason == "it stopped answering 13 s ago"
    assert {one["gateway"] for one in world.runs()} == {"gw2"}
    assert sorted(host for one in world.runs() for host in one["hosts"]) == [
        f"10.0.0.{n}" for n in range(1, 5)
    ]


def test_nodes_without_any_gateway_are_told_of_each(make: Callable[..., World]) -> None:
    world = make()
    word = world.engine.word
    for gate in GATES:
        world.engine._told(["said", gate, f"{word} no clustershell: ClusterShell is not installed for /x"])
        world.engine._told(["lost", gate])
    reason = "ClusterShell is not installed for /x"
    assert world.failed == dict.fromkeys(LEAVES, f"gateway gw1: {reason}; gateway gw2: {reason}")


def test_end_before_the_beginning_waits_for_it(make: Callable[..., World]) -> None:
    world = make()
    world.serve("gw1")
    (run,) = world.runs()
    words: list[str] = []
    world.running["a1"].end(2.0, words.append)
    assert words == []
    world.say(run, "10.0.0.1", "b 42 10.0.0.1:22")
    world.turn()
    ending = world.runs()[-1]
    assert ending["hosts"] == ["10.0.0.1"]
    world.piece(ending, "10.0.0.1", b"te")
    world.piece(ending, "10.0.0.1", b"rm\n")
    world.end(ending, "10.0.0.1")
    world.end(run, "10.0.0.1")
    assert words == ["ended by TERM"]
    world.running["a3"].end(2.0, words.append)
    world.turn(3)
    assert words[1:] == ["may begin yet: the node had not answered"]


def test_what_a_gateway_says_of_others_or_too_late_is_left_out(make: Callable[..., World]) -> None:
    world = make()
    world.serve("gw1")
    (run,) = world.runs()
    world.say(run, "10.0.0.2", "b 9 x:22")
    world.end(run, "10.0.0.2")
    world.end(run, "10.0.0.2")
    world.say(run, "10.0.0.1", "b 42 10.0.0.1:22")
    world.say(run, "10.0.0.1", "x 0")
    for host in ("10.0.0.1", "10.0.0.1", "10.0.0.3", "10.0.0.3"):
        world.end(run, host)
    assert world.listeners["a1"].told[-1][:2] == ("ended", "ok")
    assert world.listeners["a2"].told == []
    world.engine._told(["heard", "gw9"])
    world.engine._told(["said", "gw9", "x"])


def test_two_nodes_of_one_address_are_ended_apart(make: Callable[..., World]) -> None:
    world = make()
    world.serve("gw1")
    (run,) = world.runs()
    words: list[str] = []
    for host, pid in (("10.0.0.1", 41), ("10.0.0.3", 43)):
        world.say(run, host, f"b {pid} 172.17.0.2:22")
    for alias in ("a1", "a3"):
        world.running[alias].end(2.0, words.append)
    world.turn()
    endings = world.runs()[1:]
    assert [one["hosts"] for one in endings] == [["10.0.0.1"], ["10.0.0.3"]]
    assert [" 41 20 ;;" in one["command"] for one in endings] == [True, False]


def test_node_whose_gateways_failed_after_its_turn_came_has_an_end(make: Callable[..., World]) -> None:
    world = make(strict=False)
    word = world.engine.word
    world.engine._told(["said", "gw2", f"{word} no clustershell: ClusterShell is not installed for /x"])
    world.engine._told(["serving", "gw1"])
    assert set(world.running) >= {"a1", "a3"}, "their commands are to be sent in the next turn"
    world.engine._told(["lost", "gw2"])
    world.engine._told(["lost", "gw1"])
    world.turn()
    assert world.runs() == []
    for alias in ("a1", "a3"):
        assert world.listeners[alias].told[-1][:2] == ("ended", "unreachable")


def test_gateway_whose_connection_has_ended_again_is_left(
    make: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make()
    monkeypatch.setattr(Gate, "_master", lambda _: None)
    monkeypatch.setattr(world.engine.flat, "target", lambda _: None)
    gate = Gate(world.engine, GATES["gw1"])
    gate.wait(Waiting(LEAVES["a1"], lambda: None, lambda _: None, None))
    assert gate.reason == "the connection to it ended before it was used"


def test_command_that_was_not_sent_goes_by_another_gateway(make: Callable[..., World]) -> None:
    world = make()
    world.engine._told(["serving", "gw1"])
    world.engine._told(["lost", "gw1"])
    assert world.listeners["a1"].told == [], "it was not sent"
    world.turn()
    words: list[str] = []
    world.running["a3"].end(2.0, words.append)
    assert words == [""], "nothing of it began"
    world.serve("gw2")
    (run,) = world.runs()
    assert run["gateway"] == "gw2"
    assert sorted(run["hosts"]) == ["10.0.0.1", "10.0.0.2", "10.0.0.4"], "a3 was ended while it waited"
