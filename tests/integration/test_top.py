"""Top on practice nodes, driven as a person would."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from stentor.api import Fleet
from stentor.cli.context import Context
from stentor.lab import Lab

pytestmark = pytest.mark.integration


def test_top_at_80x24(lab: Lab, environ: dict[str, str], stentor: Any) -> None:
    from stentor.cli.top import app

    stentor("run", "@core", "uptime")
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    context = Context(sys.stdout, sys.stderr, sys.stdin, environ)

    async def drive() -> None:
        top = app(fleet.select("@all"), context, 60.0)
        async with top.run_test(size=(80, 24)) as pilot:
            for _ in range(200):
                await pilot.pause(0.1)
                if len(top.rows) == 5:
                    break
            assert {row[0] for row in top.rows.values()} == {"up"}
            assert top.rows["crtr"][1], "a load"
            assert "uptime" in top.rows["crtr"][-1]
            shown = "\n".join(str(strip.text) for strip in top.screen._compositor.render_strips())
            for word in ("NODE", "RUNG", "LOAD", "MEM", "DISK", "LAST", "zrtr", "filter", "quit"):
                assert word in shown, shown
            await pilot.press("space", "down", "space")
            assert top.marked == {"crtr", "prtr"}
            assert top.targets() == "crtr,prtr"
            await pilot.press("slash", *"zrt", "enter")
            await pilot.pause()
            assert top.current() == "zrtr"
            ran: list[tuple[str, ...]] = []
            top.outside = lambda *words, wait=False: ran.append(words)
            await pilot.press("r", *"id", "enter", "s", "t")
            assert ran[0] == ("run", "--gather", "crtr,prtr", "id")
            assert ran[1:] == [("ssh", "zrtr"), ("tmux", "open", "crtr,prtr")]
            await pilot.press("q")

    asyncio.run(drive())
