"""What the guard behind the keys reads off the panes, and what it lets pass."""

from __future__ import annotations

import time

import pytest

from stentor.tmux import guarding
from stentor.tmux.server import Server
from tests.unit.tmux.scripted import Tmux, pane

SYNCED = [pane(n, alias, pane_synchronized="1") for n, alias in ((1, "crtr"), (2, "prtr"))]
MARK = "=stentor-mark=\n"


class Bench:
    """Two panes in sync whose cursor stands behind a line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tmux = Tmux(monkeypatch, SYNCED)
        self.server = Server({})
        self.slept = 0
        monkeypatch.setattr(time, "sleep", self._sleep)

    def _sleep(self, _: float) -> None:
        self.slept += 1

    def show(self, *lines: str) -> None:
        """Let each pane show a prompt and a line."""
        rows = [f"$ {line}" for line in lines]
        self.tmux.outputs["display-message"] = "".join(f"{len(row)} 3\n" for row in rows)
        self.tmux.outputs["capture-pane"] = "".join(
            f"{text}\n{MARK}" for row in rows for text in (f"above\n{row}", row, row)
        )

    def passes(self) -> bool:
        return guarding.look_at_line(self.server, None, "@1", "Enter")

    @property
    def asked(self) -> str:
        """The question that was set for the key."""
        return next((words[-1] for words in self.tmux.calls if "@stentor_ask" in words), "")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_harmless_line_passes_and_its_time_is_kept(bench: Bench) -> None:
    bench.show("uptime", "uptime")
    assert bench.passes()
    assert bench.asked == ""
    assert bench.tmux.calls[-1][:-1] == ["set-option", "-w", "-t", "@1", "@stentor_passed"]


def test_dangerous_line_in_any_pane_is_asked_about(bench: Bench) -> None:
    bench.show("uptime", "rm -rf /")
    assert not bench.passes()
    assert "2 nodes (crtr prtr)" in bench.asked
    assert "@stentor_passed" not in bench.tmux.said


def test_second_line_within_a_moment_is_asked_about_as_a_paste(bench: Bench) -> None:
    bench.show("uptime", "uptime")
    bench.tmux.formats["#{@stentor_passed}"] = f"{time.time() + 60:.3f}"
    assert not bench.passes()
    assert "several lines at once" in bench.asked


@pytest.mark.parametrize(("late", "asked"), [(0.05, False), (1.0, True)])
def test_where_programs_begin_late_so_does_the_second_line_of_a_paste(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, late: float, asked: bool
) -> None:
    bench.show("uptime", "uptime")
    began = time.time() - late
    monkeypatch.setattr(guarding, "process_start", lambda: began)
    bench.tmux.formats["#{@stentor_passed}"] = f"{began - 0.8:.3f}"
    assert bench.passes() is not asked


def test_enter_on_empty_lines_is_no_paste(bench: Bench) -> None:
    bench.show("", "")
    bench.tmux.formats["#{@stentor_passed}"] = f"{time.time() + 60:.3f}"
    assert bench.passes()


def test_nothing_is_sent_when_sync_has_just_ended(bench: Bench) -> None:
    bench.tmux.panes = [pane(1, "crtr")]
    assert not bench.passes()
    assert bench.tmux.calls == []


def test_only_the_pane_that_is_seen_is_reached_in_a_zoomed_window(bench: Bench) -> None:
    bench.tmux.formats |= {"#{window_zoomed_flag}": "1", "#{pane_id}": "%2"}
    assert [one.node for one in guarding.reached(bench.server, "@1")] == ["prtr"]
    bench.tmux.formats["#{window_zoomed_flag}"] = "0"
    bench.tmux.panes = [*SYNCED, SYNCED[0], pane(3, "drtr")]
    assert [one.node for one in guarding.reached(bench.server, "@1")] == ["crtr", "prtr"]


def test_line_is_read_when_it_has_stopped_changing(bench: Bench) -> None:
    bench.show("uptime", "uptime")
    panes = guarding.reached(bench.server, "@1")
    seen = guarding.settled(bench.server, panes)
    assert [one[1:] for one in seen] == [(("above",), "$ uptime", 8)] * 2
    assert bench.slept == 1


def test_paste_beyond_ascii_is_not_pasted(bench: Bench) -> None:
    bench.tmux.formats["#{@stentor_odd}"] = "1"
    bench.tmux.outputs["show-buffer"] = " caf"
    assert guarding.look_at_paste(bench.server, None, "@1", "again")
    assert "delete-buffer" in bench.tmux.said
    assert "paste-buffer" not in bench.tmux.said


def test_paste_of_several_lines_is_asked_about_with_its_danger(bench: Bench) -> None:
    bench.tmux.outputs["show-buffer"] = " cd /tmp\nrm -rf /\n\n"
    assert not guarding.look_at_paste(bench.server, None, "@1", "send it")
    assert bench.asked.startswith("command-prompt -p 'a paste of 2 lines;")
    assert "send it" in bench.asked


def test_empty_paste_only_ends_the_buffer(bench: Bench) -> None:
    bench.tmux.outputs["show-buffer"] = " "
    guarding.send_paste(bench.server, "@1")
    assert bench.tmux.calls[-1] == ["delete-buffer", "-b", "stentor-paste"]


def test_start_of_this_process_is_in_the_past() -> None:
    assert time.time() - 86400 * 365 < guarding.process_start() <= time.time() + 1
