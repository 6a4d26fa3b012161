from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Finished
from stentor.outcome import Outcome, Report
from stentor.render.progress import Progress, progress

from .conftest import Clock, Surface


def test_few_waiting_nodes_are_named() -> None:
    assert progress(5, 3, 1, ["prtr", "zrtr"], 12.7, 80) == "3/5 · 1 not ok · 12 s · waiting for prtr,zrtr"


def test_many_waiting_nodes_are_counted() -> None:
    assert progress(1000, 3, 0, [f"n{n}" for n in range(997)], 200, 80) == "3/1000 · 3 min 20 s"


@given(st.integers(1, 120), st.integers(0, 12))
def test_progress_keeps_to_the_width(width: int, waiting: int) -> None:
    line = progress(20, 5, 2, [f"some-node-{n}" for n in range(waiting)], 3.3, width)
    assert len(line) <= width


def test_progress_appears_after_a_second_and_is_erased(clock: Clock) -> None:
    surface = Surface(live_err=True, live_out=True)
    view = Progress(surface, ["a", "b"], clock)
    clock.now += 0.9
    view.tick(clock.now)
    assert surface.said == ""
    clock.now += 0.2
    view.tick(clock.now)
    assert surface.said == "\r\x1b[K0/2 · 1 s · waiting for a,b"
    surface.out(b"output\n")  # the line makes way …
    assert surface.said.endswith("waiting for a,b\r\x1b[K")
    view.show(Finished("a", Outcome("a", "failed", code=1)))
    view.tick(clock.now)  # … and comes back
    assert surface.said.endswith("\r\x1b[K1/2 · 1 not ok · 1 s · waiting for b")
    view.end(Report([]))
    assert surface.said.endswith("\r\x1b[K")


def test_progress_waits_for_the_end_of_a_line(clock: Clock) -> None:
    surface = Surface(live_err=True, live_out=True)
    view = Progress(surface, ["a"], clock)
    surface.out(b"password? ")
    clock.now += 5
    view.tick(clock.now)
    assert surface.said == ""
