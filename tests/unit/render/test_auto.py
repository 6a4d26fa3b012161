from __future__ import annotations

import pytest

from stentor.fanout.events import Finished, Output, Started
from stentor.outcome import Kind, Outcome, Report
from stentor.render.auto import Auto
from stentor.render.gather import Gather
from stentor.render.stream import Stream

from .conftest import Clock, Surface

NODES = ["crtr", "prtr", "zrtr"]
END = Report([])


@pytest.fixture
def view(surface: Surface, clock: Clock) -> Auto:
    return Auto(Gather(surface, NODES), Stream(surface, NODES), clock)


def out(node: str, data: bytes) -> Output:
    return Output(node, "stdout", data)


def done(node: str, kind: Kind = "ok") -> Finished:
    return Finished(node, Outcome(node, kind))


def test_command_that_ends_within_a_second_is_merged(view: Auto, surface: Surface, clock: Clock) -> None:
    for node in ("crtr", "prtr"):
        view.show(Started(node))
        view.show(out(node, b"6\n"))
        clock.now += 0.4
        view.tick(clock.now)
        view.show(done(node))
    assert surface.printed == ""
    view.end(END)
    assert "crtr,prtr (2)" in surface.printed


def test_command_that_goes_on_is_shown_live(view: Auto, surface: Surface, clock: Clock) -> None:
    view.show(out("crtr", b"whole\n"))
    view.show(done("crtr"))
    view.show(out("prtr", b"step 1\nste"))
    clock.now += 1.0
    view.tick(clock.now)
    assert view.live
    assert surface.printed.endswith("crtr\n---------------\nwhole\nprtr: step 1\n")
    view.show(out("prtr", b"p 2\n"))
    assert surface.printed.endswith("prtr: step 2\n")
    view.show(out("prtr", b"last"))
    view.show(done("prtr"))
    view.end(END)
    assert surface.printed.endswith("prtr: last\n")
    assert surface.printed.count("step 1") == surface.printed.count("whole") == 1


def test_answers_do_not_wait_for_a_node_that_is_down(view: Auto, surface: Surface, clock: Clock) -> None:
    for node in ("crtr", "prtr"):
        view.show(out(node, b"6\n"))
        view.show(done(node))
    clock.now += 0.9
    view.tick(clock.now)
    assert surface.printed == ""
    clock.now += 0.1
    view.tick(clock.now)
    assert "crtr,prtr (2)" in surface.printed
    view.show(done("zrtr", "unreachable"))
    view.end(END)
    assert not view.live
    assert surface.printed.count("6\n") == 1


def test_many_quick_nodes_one_after_the_other_are_merged(surface: Surface, clock: Clock) -> None:
    nodes = [f"node{number}" for number in range(20)]
    view = Auto(Gather(surface, nodes), Stream(surface, nodes), clock)
    for node in nodes:
        view.show(out(node, b"6\n"))
        clock.now += 0.5
        view.tick(clock.now)
        view.show(done(node))
        view.tick(clock.now)
    view.end(END)
    assert surface.printed.count("6\n") == 1


def test_nodes_without_output_do_not_make_the_view_live(view: Auto, surface: Surface, clock: Clock) -> None:
    view.show(Started("crtr"))
    clock.now += 60
    view.tick(clock.now)
    assert not view.live
