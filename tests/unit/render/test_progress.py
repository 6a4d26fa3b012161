from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Finished
from stentor.outcome import Outcome, Report
from stentor.render.progress import Progress, progress
from stentor.render.wave_progress import WaveProgress
from stentor.rollout.events import WaveBegan
from stentor.rollout.plan import Wave

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


def test_only_the_wave_that_has_begun_is_waited_for(clock: Clock) -> None:
    surface = Surface(live_err=True, live_out=True)
    view = WaveProgress(surface, ["a", "b", "c"], clock)
    view.show(WaveBegan(1, 2, Wave("canary", "canary", ("b",), "")))
    clock.now += 2
    view.tick(clock.now)
    assert surface.said.endswith("0/3 · 2 s · waiting for b")
    view.show(Finished("b", Outcome("b", "ok")))
    view.tick(clock.now)
    assert surface.said.endswith("1/3 · 2 s")
    view.show(WaveBegan(2, 2, Wave("last", "last", ("a", "c"), "")))
    view.tick(clock.now)
    assert surface.said.endswith("1/3 · 2 s · waiting for a,c")


def test_progress_waits_for_the_end_of_a_line(clock: Clock) -> None:
    surface = Surface(live_err=True, live_out=True)
    view = Progress(surface, ["a"], clock)
    surface.out(b"password? ")
    clock.now += 5
    view.tick(clock.now)
    assert surface.said == ""
