"""``stentor top`` on practice nodes: by Textual's pilot, and once as a person has it."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from stentor.api.fleet import Fleet
from stentor.lab import Lab
from stentor.render.top.app import Top
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]


class Watched(Top):
    """Records what would be run on the terminal; a pilot has none to give away."""

    def __init__(self, lab: Lab, environ: dict[str, str], selector: str = "@all") -> None:
        fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
        super().__init__(fleet.select(selector), self.foreground, title=selector, interval=60.0)
        self.ran: list[tuple[str, ...]] = []

    def foreground(self, *words: str, wait: bool = False) -> None:
        self.ran.append(words)

    def row(self, alias: str) -> list[str]:
        return [str(cell) for cell in self.table.get_row(alias)]

    def shown(self) -> list[str]:
        return [
            "".join(segment.text for segment in strip) for strip in self.screen._compositor.render_strips()
        ]


def drive(app: Watched, steps: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def all_steps() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            for _ in range(300):
                await pilot.pause(0.05)
                # The footer is drawn last, on a busy machine some moments after the rest.
                if not app.looking and "filter" in "\n".join(app.shown()):
                    break
            assert not app.looking, "a round took too long"
            await steps(pilot)

    asyncio.run(all_steps())
    app.survey.join()


def test_rows_marks_filter_and_commands(lab: Lab, environ: dict[str, str], stentor: Stentor) -> None:
    stentor("run", "@core", "uptime -p || true")
    app = Watched(lab, environ)

    async def steps(pilot: Pilot[None]) -> None:
        assert app.row("crtr")[1:3] == ["crtr", "up"]
        assert app.row("crtr")[3].replace(".", "").isdigit()
        assert app.row("crtr")[4].endswith("%")
        assert app.row("crtr")[5].endswith("%")
        assert "ok: uptime -p" in app.row("crtr")[-1]
        screen = "\n".join(app.shown())
        for word in (
            "NODE",
            "LEVEL",
            "LOAD",
            "MEM",
            "DISK",
            "GPU",
            "LAST",
            "? help",
            "filter",
            "- slow",
            "of 5 up",
        ):
            assert word in screen
        await pilot.press("space", "space")
        assert app.marked == {"crtr", "prtr"}
        assert app.row("prtr")[0] == "*"
        await pilot.press("slash", *"trt")
        await pilot.pause()
        assert [key.value for key in app.table.rows] == ["trtr"]
        await pilot.press("enter", "s")
        assert app.ran == [("ssh", "trtr")]
        await pilot.press("escape")
        assert len(app.table.rows) == 5
        assert app.here == "trtr"
        await pilot.press("t", "r", *"id", "enter")
        assert app.ran[1:] == [("tmux", "open", "crtr,prtr"), ("run", "crtr,prtr", "--", "id")]
        await pilot.press("escape", "r", "escape", "a")
        assert len(app.marked) == 5
        await pilot.press("minus")
        assert app.survey.interval == 120.0

    drive(app, steps)


def test_gpus_are_shown_where_nvidia_smi_is_there(
    lab: Lab, environ: dict[str, str], stentor: Stentor
) -> None:
    wanted = "--query-gpu=utilization.gpu,memory.used,memory.total"
    program = f"#!/bin/sh\ntest \"$1\" = {wanted} && echo '87, 12288, 24576'\n"
    made = stentor(
        *("run", "--stdin", "drtr", "mkdir -p ~/bin; cat > ~/bin/nvidia-smi; chmod +x ~/bin/nvidia-smi"),
        input=program,
    )
    assert made.code == 0, made.stderr
    app = Watched(lab, environ, "drtr,crtr")

    async def steps(pilot: Pilot[None]) -> None:
        assert app.row("drtr")[6] == "87% 12G"
        assert app.row("crtr")[6] == "-"

    drive(app, steps)


def test_the_probe_asks_for_gpus_only_when_it_is_told_to(lab: Lab, stentor: Stentor) -> None:
    stentor(
        *("run", "--stdin", "drtr", "mkdir -p ~/bin; cat > ~/bin/nvidia-smi; chmod +x ~/bin/nvidia-smi"),
        input="#!/bin/sh\ntouch ~/asked\n",
    )
    assert stentor("status", "drtr").code == 0
    assert stentor("run", "drtr", "test -e ~/asked").code == 1


def test_leaving_in_the_middle_of_a_round_waits_for_nobody(lab: Lab, environ: dict[str, str]) -> None:
    app = Watched(lab, environ)

    async def leave_at_once() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("q")

    asyncio.run(asyncio.wait_for(leave_at_once(), 10))
    app.survey.join()


def test_a_narrow_screen_has_every_column(lab: Lab, environ: dict[str, str]) -> None:
    app = Watched(lab, environ)

    async def steps(pilot: Pilot[None]) -> None:
        table: DataTable[Any] = app.table
        assert table.virtual_size.width <= 80
        assert not app.query_one(Input).display

    drive(app, steps)


def test_as_a_person_has_it_at_80_by_24(lab: Lab, environ: dict[str, str], stentor: Stentor) -> None:
    need("tmux")
    tmux = Tmux({name: value for name, value in environ.items() if name != "CI"}, "top")
    command = shlex.join([sys.executable, "-m", "stentor", "top", "@core"])
    try:
        start = f"env -u CI {command}; echo left with $?; exec sleep 60"
        tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "80", "-y", "24", start)
        wait(lambda: "3 of 3 up" in tmux.text("t"), "all are up")
        tmux("send-keys", "-t", "t", "Space", "Space", "r")
        tmux("send-keys", "-t", "t", "-l", "echo here; test -e /nothing")
        wait(lambda: "test -e /nothing" in tmux.text("t"), "the line is typed")
        tmux("send-keys", "-t", "t", "Enter")
        wait(lambda: "Press Enter to return" in tmux.text("t"), "the run is over")
        assert "crtr,prtr (2)" in tmux.text("t")
        assert "2 failed" in tmux.text("t")
        tmux("send-keys", "-t", "t", "Enter")
        wait(lambda: "failed: echo he" in tmux.text("t"), "the journal's word in the rows")
        tmux("send-keys", "-t", "t", "s")
        wait(lambda: "drtr:~$" in tmux.text("t"), "a login")
        tmux("send-keys", "-t", "t", "exit", "Enter")
        wait(lambda: "3 of 3 up" in tmux.text("t"), "back again")
        tmux("send-keys", "-t", "t", "q")
        wait(lambda: "left with 0" in tmux.text("t"), "it leaves")
    except AssertionError as error:
        raise AssertionError(f"{error}, in:\n{tmux.text('t')}") from None
    finally:
        tmux.end()


def test_without_a_terminal_it_says_what_to_use(stentor: Stentor, lab: Lab) -> None:
    said = stentor("top")
    assert said.code == 6
    assert "stentor status" in said.stderr


def test_a_signal_gives_the_terminal_back(lab: Lab, environ: dict[str, str]) -> None:
    need("tmux")
    tmux = Tmux({name: value for name, value in environ.items() if name != "CI"}, "signal")
    command = shlex.join([sys.executable, "-m", "stentor", "top", "crtr"])
    try:
        start = f"env -u CI sh -c 'echo $$ > ~/pid; exec {command}'; echo left with $?; exec sleep 60"
        tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "80", "-y", "24", start)
        wait(lambda: "1 of 1 up" in tmux.text("t"), "it is up")
        os.kill(int(Path(environ["HOME"], "pid").read_text()), signal.SIGTERM)
        wait(lambda: "left with 143" in tmux.text("t"), "it leaves")
        assert tmux("display-message", "-p", "-t", "t", "#{alternate_on}") == "0"
    finally:
        tmux.end()
