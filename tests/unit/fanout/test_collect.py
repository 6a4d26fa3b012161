from __future__ import annotations

from stentor.fanout.collect import Collector, collect
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
