"""Which login tells the way to a node, and that no node waits for another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future

import pytest

from stentor.fanout.events import Event, Finished, LoggedIn, Output, Started
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.outcome import Outcome
from stentor.probe import rounds
from stentor.probe.doctor import Diagnosis
from stentor.probe.outward import Way

IN = 'debug1: Authentication succeeded (publickey).\nAuthenticated to crtr ([::1]:22) using "publickey".\n'
HEALTHY = b"stentor_doctor 1\nlogin_shell /bin/bash\nstentor_doctor_end 1\n"


def events_of(alias: str, *, login: str = "") -> list[Event]:
    events: list[Event] = [LoggedIn(alias, login)] if login else []
    return [
        *events,
        Started(alias),
        Output(alias, "stdout", HEALTHY),
        Finished(alias, Outcome(alias, "ok", 0)),
    ]


def test_a_login_is_made_anew_only_where_the_connection_was_warm() -> None:
    asked: list[tuple[str, bool]] = []

    def log_in(alias: str, reached: bool) -> Future[Way]:
        asked.append((alias, reached))
        return Future()

    ways = rounds.Ways({"cold", "warm", "down", "hangs"}, log_in, 5.0)
    silent = [
        Finished("down", Outcome("down", "unreachable")),
        Finished("hangs", Outcome("hangs", "shell-broken")),
    ]
    events = [*events_of("cold", login=IN), *events_of("warm"), *events_of("here"), *silent]
    passed = list(ways.followed(events))
    assert passed == [event for event in events if not isinstance(event, LoggedIn)]
    assert asked == [("warm", True), ("down", False), ("hangs", True)]
    cold = ways.of("cold")
    assert isinstance(cold, Way)
    assert (cold.ok, cold.method, ways.of("here")) == (True, "publickey", None)


def test_no_node_waits_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each diagnosis comes before the next node says anything, though one login is still under way."""
    never: Future[Way] = Future()

    def log_in(_: object, alias: str, _reached: bool) -> Future[Way]:
        return never

    monkeypatch.setattr(rounds._Threads, "log_in", log_in)
    nodes = {alias: Node(alias, alias) for alias in ("one", "two", "slow")}
    said: list[str] = []

    def fan_out(tasks: Sequence[Task], settings: Settings) -> Iterator[Event]:
        assert ([task.node.alias for task in tasks], settings.verbose) == ([*nodes], True)
        for alias, login in (("slow", ""), ("one", IN), ("two", IN)):
            said.append(alias)
            yield from events_of(alias, login=login)
        said.append("end")
        never.set_result(Way(ok=True))

    found = list(order(rounds.rounds(fleet(nodes), [*nodes.values()], fan_out, environ={}), said))
    assert found == [("one", "one"), ("two", "two"), ("slow", "end")]


def order(diagnoses: Iterator[Diagnosis | object], said: list[str]) -> Iterator[tuple[str, str]]:
    """Each node with the one which had spoken last when it was told."""
    for diagnosis in diagnoses:
        assert isinstance(diagnosis, Diagnosis)
        yield diagnosis.outcome.node, said[-1]


def fleet(nodes: Mapping[str, Node]) -> Fleet:
    return Fleet(root="/fleet", nodes=dict(nodes), groups={})
