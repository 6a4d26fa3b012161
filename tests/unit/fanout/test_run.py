"""The fan-out's own rules, with nodes that say what they are told to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stentor.errors import UsageError
from stentor.fanout import run as fanout
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.context import EngineContext
from stentor.fanout.engine import Ability, Failure, Listener, MakeEngine
from stentor.fanout.events import Event, Finished, Output, Retry, Started
from stentor.fanout.task import DEFAULTS, Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import KINDS, Kind, Outcome
from stentor.testing import FakeNodes, Reply
from stentor.testing.fake import FakeEngine

from ...virtual import virtual_reactor

NODES = {alias: Node(alias, alias) for alias in ("crtr", "prtr", "drtr", "trtr")}
NODES["zrtr"] = Node("zrtr", "zerouter", state="down")
FLEET = Fleet("/fleet", NODES, {"all": tuple(NODES)})


def start(nodes: MakeEngine, settings: Settings = DEFAULTS, **options: Any) -> Iterator[Event]:
    """Run on all nodes, in a time of its own."""
    tasks = [Task(node, "uptime") for node in NODES.values()]
    options = {"reactor": virtual_reactor(), **options}
    return fanout.run(FLEET, tasks, settings, lambda *_: nodes, environ={}, **options)


def outcomes(events: Iterator[Event]) -> dict[str, Outcome]:
    found = [event for event in events if isinstance(event, Finished)]
    assert sorted(event.node for event in found) == sorted(NODES), "each node finishes exactly once"
    return {event.node: event.outcome for event in found}


def test_each_node_starts_speaks_and_finishes() -> None:
    nodes = FakeNodes(lambda alias, _: Reply(alias.encode(), b"!", code=3 if alias == "drtr" else 0))
    events = list(start(nodes))
    for alias in NODES:
        mine = [event for event in events if event.node == alias]
        assert [type(event) for event in mine] == [Started, Output, Output, Finished]
    found = outcomes(iter(events))
    assert (found["drtr"].kind, found["drtr"].code) == ("failed", 3)
    assert found["crtr"].ok and found["crtr"].started


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("ok", "failed", "cancelled", "skipped", "timed-out")]
)
def test_every_kind_comes_through(kind: Kind) -> None:
    found = outcomes(start(FakeNodes({"crtr": Reply(kind=kind, reason="because")})))
    assert (found["crtr"].kind, found["crtr"].reason) == (kind, "because")
    assert [found[alias].kind for alias in ("prtr", "drtr", "trtr", "zrtr")] == ["ok"] * 4


def test_a_node_that_is_expected_down_is_skipped_only_when_it_is_down() -> None:
    found = outcomes(start(FakeNodes({"zrtr": Reply(kind="unreachable", reason="no answer in 5 s")})))
    assert (found["zrtr"].kind, found["zrtr"].reason) == ("skipped", "expected down: no answer in 5 s")
    assert outcomes(start(FakeNodes()))["zrtr"].kind == "ok"


def test_who_writes_events_down_is_told_before_each_wait_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[object] = []
    reactor = virtual_reactor()
    select = reactor.selector.select

    def waiting(timeout: float | None = None) -> Any:
        said.append("select")
        return select(timeout)

    monkeypatch.setattr(reactor.selector, "select", waiting)
    nodes = FakeNodes(lambda *_: Reply(b"a", seconds=0.01))
    for event in start(nodes, Settings(window=2), waits=said.append, reactor=reactor):
        said.append(event)
    assert said[-1] is False
    assert said.count(False) == 1
    before = [said[place - 1] for place, one in enumerate(said) if one == "select"]
    assert len(before) > 2
    assert set(before) == {True}


def test_the_window() -> None:
    running, most = 0, 0
    for event in start(FakeNodes(lambda *_: Reply(seconds=0.01)), Settings(window=2)):
        running += isinstance(event, Started)
        running -= isinstance(event, Finished)
        most = max(most, running)
    assert most == 2


def refused_at_first(times: int) -> tuple[FakeNodes, list[str]]:
    """Nodes of which prtr refuses so many connections before it answers; and a list of its tries."""
    asked: list[str] = []

    def answer(alias: str, command: str) -> Reply:
        if alias == "prtr" and not command:
            asked.append(alias)
            if len(asked) <= times:
                return Reply(kind="refused", reason="connection refused")
        return Reply(code=1 if alias == "drtr" else 0)

    return FakeNodes(answer), asked


def test_only_nodes_that_were_not_reached_are_tried_again() -> None:
    nodes, _ = refused_at_first(2)
    events = list(start(nodes, Settings(retries=2)))
    found = outcomes(iter(events))
    assert (found["prtr"].kind, found["prtr"].attempts) == ("ok", 3)
    assert (found["drtr"].kind, found["drtr"].attempts) == ("failed", 1)
    assert sum(alias == "drtr" for alias, _ in nodes.commands) == 1


def test_each_retry_is_told_with_its_pause() -> None:
    nodes, asked = refused_at_first(9)
    chances = iter([0.0, 0.5, 1.0])
    events = list(start(nodes, Settings(retries=3), chance=lambda: next(chances)))
    retries = [event for event in events if isinstance(event, Retry)]
    assert [(event.node, event.reason, event.seconds, event.retry, event.of) for event in retries] == [
        ("prtr", "connection refused", 0.5, 1, 3),
        ("prtr", "connection refused", 1.5, 2, 3),
        ("prtr", "connection refused", 4.0, 3, 3),
    ]
    assert len(asked) == 4
    found = outcomes(iter(events))["prtr"]
    assert (found.kind, found.attempts) == ("refused", 4)
    assert found.seconds == pytest.approx(6.0)


def test_retries_wait_as_long_as_they_say() -> None:
    nodes, _ = refused_at_first(1)
    reactor = virtual_reactor()
    told: list[float] = []
    for event in start(nodes, Settings(retries=1), reactor=reactor, chance=lambda: 1.0):
        if event.node == "prtr" and isinstance(event, Retry | Started):
            told.append(reactor.now())
    assert told == [0.0, pytest.approx(1.0)]


def test_pausing_node_does_not_hold_the_window() -> None:
    nodes, _ = refused_at_first(1)
    events = list(start(nodes, Settings(retries=1, window=1)))
    done = [event.node for event in events if isinstance(event, Finished)]
    assert done[-1] == "prtr", "all others had their turn in the meantime"
    assert all(outcome.reached for outcome in outcomes(iter(events)).values())


def test_cancelling_ends_a_pause_at_once() -> None:
    nodes, asked = refused_at_first(9)
    cancellation = Cancellation()
    reactor = virtual_reactor()
    found = {}
    for event in start(nodes, Settings(retries=5), cancellation=cancellation, reactor=reactor):
        if isinstance(event, Retry):
            cancellation.request("Ctrl-C")
        if isinstance(event, Finished):
            found[event.node] = event.outcome
    cancellation.close()
    assert (found["prtr"].kind, found["prtr"].reason) == (
        "cancelled",
        "cancelled: Ctrl-C, before it began",
    )
    assert (len(asked), reactor.now()) == (1, 0.0)


class BrokenEngine(FakeEngine):
    """Raises for prtr in one of its methods, or in a callback later; the others answer."""

    def __init__(self, context: EngineContext, where: str) -> None:
        super().__init__(context.reactor, FakeNodes())
        self._context = context
        self._where = where

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        if node.alias == "prtr" and self._where == "prepare":
            raise KeyError("hostname")
        if node.alias == "prtr" and self._where == "later":
            self._context.reactor.after(0.1, self._break)
            return
        super().prepare(node, ready, failed)

    def start(self, task: Task, listener: Listener) -> Any:
        if task.node.alias != "prtr":
            return super().start(task, listener)
        if self._where == "start":
            raise KeyError("hostname")
        listener.opened()
        listener.started(7)
        self._context.reactor.soon(self._break)
        return BrokenCommand()

    def _break(self) -> None:
        raise KeyError("hostname")


class BrokenCommand:
    """Cannot even be let go of."""

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        raise RuntimeError("never")

    def abandon(self) -> None:
        raise RuntimeError("never")


@pytest.mark.parametrize(
    ("where", "started"), [("prepare", False), ("later", False), ("start", False), ("running", True)]
)
def test_exception_while_a_node_is_handled_is_its_outcome(where: str, started: bool) -> None:
    found = outcomes(start(lambda context: BrokenEngine(context, where)))
    prtr = found.pop("prtr")
    assert (prtr.kind, prtr.reason) == ("failed", "unexpected answer: KeyError: 'hostname'")
    assert (prtr.started, prtr.remote.startswith("may still run")) == (started, started)
    assert all(outcome.ok for outcome in found.values())


def test_exception_counts_for_fail_fast() -> None:
    settings = Settings(window=1, fail_fast=True)
    found = outcomes(start(lambda context: BrokenEngine(context, "prepare"), settings))
    assert found["prtr"].kind == "failed"
    assert found["crtr"].reason == "cancelled: prtr failed, before it began"


def test_error_of_stentors_own_is_raised() -> None:
    class Wrong(FakeEngine):
        def start(self, task: Task, listener: Listener) -> Any:
            raise UsageError("the command is too long")

    with pytest.raises(UsageError):
        list(start(lambda context: Wrong(context.reactor, FakeNodes())))


def test_task_that_needs_what_no_engine_has_is_refused_before_anything_runs() -> None:
    seen: list[frozenset[str]] = []

    def choose(_: Node, needs: frozenset[Ability]) -> MakeEngine:
        seen.append(needs)
        return FakeNodes()

    tasks = [Task(NODES["crtr"], "x", stdin="/dev/null"), Task(NODES["prtr"], "x")]
    list(fanout.run(FLEET, tasks, Settings(shell_timeout=1.0), choose, environ={}))
    assert set(seen) == {frozenset({"stdin", "marker"}), frozenset({"marker"})}


def test_a_timeout_is_of_each_node_and_keeps_what_came() -> None:
    found = outcomes(start(FakeNodes({"crtr": Reply(seconds=30)}), Settings(timeout=0.05)))
    assert (found["crtr"].kind, found["crtr"].remote) == ("timed-out", "ended by TERM")
    assert found["prtr"].ok


def test_fail_fast_begins_nothing_more() -> None:
    nodes = FakeNodes({"crtr": Reply(code=1)})
    found = outcomes(start(nodes, Settings(window=1, fail_fast=True)))
    assert nodes.commands == [("crtr", "uptime")]
    assert [o.kind for o in found.values()] == ["failed"] + ["cancelled"] * 4
    assert "before it began" in found["zrtr"].reason


def test_cancelling_ends_what_runs_and_a_second_request_does_not_wait() -> None:
    for requests, remote in ((1, "ended by TERM"), (2, "may still run: not waited for")):
        cancellation = Cancellation()
        events = start(FakeNodes({"crtr": Reply(seconds=30)}), cancellation=cancellation)
        found = {}
        for event in events:
            if isinstance(event, Started) and event.node == "crtr":
                for _ in range(requests):
                    cancellation.request("Ctrl-C")
            if isinstance(event, Finished):
                found[event.node] = event.outcome
        cancellation.close()
        assert (found["crtr"].kind, found["crtr"].remote) == ("cancelled", remote)
        assert found["crtr"].reason == "cancelled: Ctrl-C"


@pytest.mark.parametrize("requests", [1, 2])
def test_nothing_begins_after_a_request_that_came_before(requests: int) -> None:
    cancellation, nodes = Cancellation(), FakeNodes()
    for _ in range(requests):
        cancellation.request("Ctrl-C")
    found = outcomes(start(nodes, cancellation=cancellation))
    assert nodes.commands == []
    assert {outcome.kind for outcome in found.values()} == {"cancelled"}
    cancellation.close()


@pytest.mark.parametrize(("requests", "remote"), [(1, "ended by TERM"), (2, "may still run: not waited for")])
def test_every_fan_out_with_one_cancellation_hears_of_a_request(requests: int, remote: str) -> None:
    cancellation = Cancellation()
    several = [start(FakeNodes({"crtr": Reply(seconds=30)}), cancellation=cancellation) for _ in range(2)]
    for events in several:
        assert any(isinstance(event, Started) and event.node == "crtr" for event in events)
    for _ in range(requests):
        cancellation.request("Ctrl-C")
    for events in several:
        assert outcomes(events)["crtr"].remote == remote
    assert {one.kind for one in outcomes(start(FakeNodes(), cancellation=cancellation)).values()} == {
        "cancelled"
    }
    cancellation.close()


def test_leaving_the_loop_leaves_nothing_behind() -> None:
    import os

    before = len(os.listdir("/proc/self/fd"))
    for _ in start(FakeNodes(lambda *_: Reply(seconds=30))):
        break
    assert len(os.listdir("/proc/self/fd")) == before


def test_seconds_are_the_nodes_own() -> None:
    found = outcomes(start(FakeNodes({"crtr": Reply(seconds=0.1)}), Settings(window=1)))
    assert found["crtr"].seconds == pytest.approx(0.1)
    assert found["zrtr"].seconds == 0.0


@pytest.mark.parametrize(("size", "kind"), [(1000, "ok"), (1001, "failed")])
def test_output_that_was_cut_is_a_failure_also_where_the_command_has_ended(size: int, kind: Kind) -> None:
    found = outcomes(start(FakeNodes({"crtr": Reply(b"x" * size)}), Settings(most_bytes=1000)))
    assert found["crtr"].kind == kind
    assert ("wrote more than 1 kB" in found["crtr"].reason) == (kind == "failed")
