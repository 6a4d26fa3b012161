"""The screen of ``stentor top`` by Textual's pilot, without a thread that looks at nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import pytest
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot

from stentor.api.fleet import Fleet
from stentor.outcome import Outcome
from stentor.probe.status import Status
from stentor.render.top import app as screen
from stentor.render.top.app import Top
from stentor.testing import FakeNodes
from tests.practice import FLEET
from tests.unit.render.top.test_rows import FACTS


class Still:
    """In place of the survey: keeps what it was told."""

    def __init__(self, _: object, interval: float, *__: object) -> None:
        self.interval = interval
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def now(self) -> None:
        self.calls.append("now")

    def end(self) -> None:
        self.calls.append("end")


@pytest.fixture
def lent() -> list[tuple[str, ...]]:
    """What the terminal was given to."""
    return []


@pytest.fixture
def top(monkeypatch: pytest.MonkeyPatch, lent: list[tuple[str, ...]]) -> Top:
    monkeypatch.setattr(screen, "Poller", Still)
    fleet = Fleet(FLEET, environ={}, hostname="elsewhere", engine=FakeNodes())

    def lend(*words: str, wait: bool = False) -> None:
        lent.append((*words, "wait") if wait else words)

    return Top(fleet.select("@all"), lend, title="@all", interval=5.0)


def drive(top: Top, steps: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        async with top.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())


def row(top: Top, alias: str) -> list[str]:
    return [str(cell) for cell in top.table.get_row(alias)]


def test_statuses_are_shown_as_they_come(top: Top) -> None:
    async def steps(_: Pilot[None]) -> None:
        assert row(top, "crtr")[2] == "..."
        top.took(Status(Outcome("crtr", "ok"), FACTS, 0.0))
        assert row(top, "crtr")[1:3] == ["crtr", "up"]
        top.took(Status(Outcome("prtr", "unreachable", reason="no answer")))
        assert row(top, "prtr")[2] == "unreachable"
        top.round_over({}, "no ssh here")
        assert (top.looking, top.trouble) == (False, "no ssh here")

    drive(top, steps)
    assert top.survey.calls == ["start", "end"]  # type: ignore[attr-defined]


def test_a_long_reason_is_broken_below_the_table(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        detail = top.query_one("#detail")
        assert detail.size.height == 1
        top.took(Status(Outcome("crtr", "unreachable", reason=" ".join(["no answer from 192.0.2.7"] * 8))))
        top.round_over({}, "")
        await pilot.pause()
        assert detail.size.height == 3

    drive(top, steps)


def test_keys_mark_filter_and_change_the_interval(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("space", "space")
        assert top.marked == {"crtr", "prtr"}
        assert row(top, "prtr")[0] == "*"
        await pilot.press("slash", *"trt")
        await pilot.pause()
        assert [key.value for key in top.table.rows] == ["trtr"]
        top.took(Status(Outcome("trtr", "ok"), FACTS, 0.0))
        await pilot.press("enter", "escape")
        assert len(top.table.rows) == 5
        await pilot.press("a", "escape")
        assert top.marked == set()
        await pilot.press("a", "a")
        assert top.marked == set()
        await pilot.press("plus", "plus", "plus")
        assert top.survey.interval == 1.0
        await pilot.press("minus", "u")
        assert top.survey.interval == 2.0

    drive(top, steps)
    assert top.survey.calls.count("now") == 5  # type: ignore[attr-defined]


def test_columns_fit_after_a_resize(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        for width in (120, 90, 80, 140):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            assert top.table.virtual_size.width <= width
            assert top.table.virtual_size.width > width - 8
            assert not top.table.show_horizontal_scrollbar

    drive(top, steps)


def test_help_comes_and_goes(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        page = top.query_one("#help")
        shown = []
        for key in ("question_mark", "escape", "question_mark", "question_mark"):
            await pilot.press(key)
            shown.append(page.display)
        assert shown == [True, False, True, False]

    drive(top, steps)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_keys_that_leave(top: Top, key: str) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("slash" if key == "ctrl+c" else "u")  # also from the line
        await pilot.press(key)

    drive(top, steps)
    assert top.return_code == 0
    assert top.survey.calls[-1] == "end"  # type: ignore[attr-defined]


def test_other_commands_get_the_terminal(
    top: Top, lent: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "suspend", lambda _: nullcontext())

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("s", "t", "space", "space", "r", *"id", "enter")

    drive(top, steps)
    assert lent == [("ssh", "crtr"), ("tmux", "open", "crtr"), ("run", "crtr,prtr", "--", "id", "wait")]


def test_terminal_that_cannot_be_given_away_is_said(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("s")
        assert top.trouble == "another program cannot be shown on this terminal"

    drive(top, steps)


def test_letters_are_typed_into_the_line_and_escape_leaves_it(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("r", *"ra /", "escape")
        assert (top.asked, top.filter, top.marked) == ("", "", set())

    drive(top, steps)


def test_keys_typed_before_ctrl_z_had_stopped_it_do_nothing(
    top: Top, lent: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "suspend", lambda _: nullcontext())

    async def steps(pilot: Pilot[None]) -> None:
        early = [Key(key, key) for key in ("t", "r", "l", "s", "enter")]
        top.action_suspend_process()
        for key in early:
            await top.on_event(key)
        await pilot.pause()
        assert (top.asked, lent) == ("", [])
        await pilot.press("t")  # after fg

    drive(top, steps)
    assert lent == [("tmux", "open", "crtr")]


def test_the_keys_below_are_none_that_the_line_takes(top: Top) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("slash")
        await pilot.pause()
        shown = {part.binding.action for part in top.screen.active_bindings.values() if part.binding.show}
        assert not [action for action in shown if action.startswith("interval")]

    drive(top, steps)
