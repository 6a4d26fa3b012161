from __future__ import annotations

from collections.abc import Iterator

import pytest

from stentor.errors import UsageError
from stentor.fanout.collect import Collector, collect, per_node
from stentor.fanout.events import Event, Finished, Notice, Output, Started
from stentor.outcome import Outcome


def test_a_result_has_all_that_its_node_wrote_each_stream_apart() -> None:
    events: list[Event] = [
        Started("crtr"),
        Output("crtr", "stdout", b"one\ntw"),
        Output("prtr", "stdout", b"of prtr"),
        Output("crtr", "stderr", b"\xff\x00"),
        Notice("", "nothing to do with it"),
        Output("crtr", "stdout", b"o\n"),
        Finished("crtr", Outcome("crtr", "failed", code=3)),
        Finished("zrtr", Outcome("zrtr", "unreachable")),
    ]
    crtr, zrtr = collect(events)
    assert (crtr.node, crtr.kind, crtr.code, crtr.ok) == ("crtr", "failed", 3, False)
    assert (crtr.stdout, crtr.stderr, crtr.text) == (b"one\ntwo\n", b"\xff\x00", "one\ntwo")
    assert (zrtr.stdout, zrtr.stderr, zrtr.piece("stdout")) == (b"", b"", None)


def test_what_unfinished_nodes_wrote_is_still_there() -> None:
    collector = Collector()
    collector.add(Output("crtr", "stderr", b"half a"))
    assert [(node, stream, piece.read()) for node, stream, piece in collector.held()] == [
        ("crtr", "stderr", b"half a")
    ]


def numbers(event: Event) -> Iterator[int]:
    """A parser: what a node says is a number."""
    if isinstance(event, Output):
        yield int(event.data)
    elif isinstance(event, Finished):
        yield -1


def test_node_whose_answer_cannot_be_read_has_failed_and_the_others_go_on() -> None:
    events: list[Event] = [
        Output("crtr", "stdout", b"1"),
        Output("prtr", "stdout", b"one\x1b[0m"),
        Output("prtr", "stdout", b"2"),
        Output("crtr", "stdout", b"3"),
        Finished("prtr", Outcome("prtr", "ok", 0, seconds=2.0, started=True)),
        Finished("crtr", Outcome("crtr", "ok", 0)),
    ]
    first, second, broken, last = per_node(events, numbers)
    assert (first, second, last) == (1, 3, -1)
    assert isinstance(broken, Finished)
    outcome = broken.outcome
    assert (broken.node, outcome.kind, outcome.code) == ("prtr", "failed", None)
    assert (outcome.seconds, outcome.started) == (2.0, True)
    assert outcome.reason.startswith("unexpected answer: ValueError: invalid literal")
    assert outcome.reason.endswith('(it said "one?[0m")')


def test_exception_at_a_nodes_end_is_its_outcome() -> None:
    def handle(event: Event) -> Iterator[int]:
        raise KeyError("facts")

    [broken] = per_node([Finished("crtr", Outcome("crtr", "ok", 0))], handle)
    assert isinstance(broken, Finished)
    assert broken.outcome.reason == "unexpected answer: KeyError: 'facts'"


def test_node_that_failed_by_itself_keeps_its_own_reason() -> None:
    timed_out = Outcome("crtr", "timed-out", reason="ran longer than 3 s")
    events: list[Event] = [Output("crtr", "stdout", b"x"), Finished("crtr", timed_out)]
    assert list(per_node(events, numbers)) == [Finished("crtr", timed_out)]


def test_errors_of_the_program_are_raised() -> None:
    def wrong(event: Event) -> Iterator[int]:
        raise UsageError("no")

    def nobodys(event: Event) -> Iterator[int]:
        raise ValueError("no")

    with pytest.raises(UsageError):
        list(per_node([Output("crtr", "stdout", b"")], wrong))
    with pytest.raises(ValueError, match="no"):
        list(per_node([Notice("", "of no node")], nobodys))
