from __future__ import annotations

import pytest

from stentor.errors import UsageError
from stentor.fanout.collect import Collector, collect, parsed
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


def read(data: bytes, outcome: Outcome) -> tuple[Outcome, int]:
    """A parser: what a node says is a number."""
    return parsed(lambda text: (outcome, int(text)), (data,), lambda failed: (failed, -1), outcome, data)


def test_answer_that_cannot_be_read_is_the_nodes_failure() -> None:
    ok = Outcome("prtr", "ok", 0, seconds=2.0, started=True)
    assert read(b"17", ok) == (ok, 17)
    outcome, value = read(b"one\x1b[0m", ok)
    assert (value, outcome.kind, outcome.code) == (-1, "failed", None)
    assert (outcome.seconds, outcome.started) == (2.0, True)
    assert outcome.reason.startswith("unexpected answer: ValueError: invalid literal")
    assert outcome.reason.endswith('(it said "one?[0m")')


def test_node_that_failed_by_itself_keeps_its_own_reason() -> None:
    timed_out = Outcome("crtr", "timed-out", reason="ran longer than 3 s")
    assert read(b"x", timed_out) == (timed_out, -1)


def test_errors_of_the_program_are_raised() -> None:
    def wrong() -> int:
        raise UsageError("no")

    with pytest.raises(UsageError):
        parsed(wrong, (), lambda _: 0, Outcome("crtr", "ok", 0), b"")
