"""The fan-out's own rules, with nodes that say what they are told to say."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event, Finished, Notice, Output, Started
from stentor.fanout.run import run
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import KINDS, Kind, Outcome
from stentor.testing import FakeNodes, Reply

NODES = {alias: Node(alias, alias) for alias in ("crtr", "prtr", "drtr", "trtr")}
NODES["zrtr"] = Node("zrtr", "zerouter", state="down")
FLEET = Fleet("/fleet", NODES, {"all": tuple(NODES)})


def start(nodes: FakeNodes, settings: Settings = Settings(), **options: object) -> Iterator[Event]:  # noqa: B008
    tasks = [Task(node, "uptime") for node in NODES.values()]
    return run(FLEET, tasks, settings, engine=nodes, environ={}, **options)  # type: ignore[arg-type]


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


def test_the_window() -> None:
    running, most = 0, 0
    for event in start(FakeNodes(lambda *_: Reply(seconds=0.01)), Settings(window=2)):
        running += isinstance(event, Started)
        running -= isinstance(event, Finished)
        most = max(most, running)
    assert most == 2


def test_retries_are_for_nodes_that_were_not_reached() -> None:
    asked: list[str] = []

    def answer(alias: str, command: str) -> Reply:
        if alias == "prtr" and not command:
            asked.append(alias)
            return Reply(kind="refused", reason="refused") if len(asked) < 3 else Reply()
        return Reply(code=1 if alias == "drtr" else 0)

    nodes = FakeNodes(answer)
    events = list(start(nodes, Settings(retries=2)))
    found = outcomes(iter(events))
    assert (found["prtr"].kind, found["prtr"].attempts) == ("ok", 3)
    assert (found["drtr"].kind, found["drtr"].attempts) == ("failed", 1)
    assert [event.node for event in events if isinstance(event, Notice)] == ["prtr", "prtr"]
    assert sum(alias == "drtr" for alias, _ in nodes.commands) == 1


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


def test_leaving_the_loop_leaves_nothing_behind() -> None:
    import os

    before = len(os.listdir("/proc/self/fd"))
    for _ in start(FakeNodes(lambda *_: Reply(seconds=30))):
        break
    assert len(os.listdir("/proc/self/fd")) == before


def test_seconds_are_the_nodes_own() -> None:
    begin = time.monotonic()
    found = outcomes(start(FakeNodes({"crtr": Reply(seconds=0.1)}), Settings(window=1)))
    assert 0.1 <= found["crtr"].seconds <= time.monotonic() - begin
    assert found["zrtr"].seconds < 0.1
