"""The shell and top on practice nodes, driven as a person would: keys in a terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from stentor.api import Fleet
from stentor.cli.context import Context
from stentor.lab import Lab

pytestmark = pytest.mark.integration


class Terminal:
    """A program in a pseudo terminal of 80x24."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.said = ""

    def until(self, wanted: str, seconds: float = 15) -> str:
        """Read until something is shown; return all since the last time."""
        end = time.monotonic() + seconds
        while not re.search(wanted, self.said):
            left = end - time.monotonic()
            assert left > 0, f"{wanted!r} never came: {self.said!r}"
            if select.select([self.number], [], [], left)[0]:
                data = os.read(self.number, 65536).decode(errors="replace")
                # The prompt asks where the cursor is; a terminal answers.
                if "\x1b[6n" in data:
                    os.write(self.number, b"\x1b[1;1R")
                self.said += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", data)
        said, self.said = self.said, ""
        return said

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.number, text.encode())


@contextmanager
def terminal(environ: dict[str, str], *words: str) -> Iterator[Terminal]:
    import fcntl
    import struct
    import termios

    pid, number = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-m", "stentor", *words], {**environ, "TERM": "xterm"})
    fcntl.ioctl(number, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        yield Terminal(number)
    finally:
        os.close(number)
        os.waitpid(pid, 0)


def test_the_shell_runs_changes_its_nodes_and_leaves(lab: Lab, environ: dict[str, str]) -> None:
    with terminal(environ, "shell", "@gpu") as there:
        there.until(r"@gpu \(2\)>")
        there.type("hostname\r")
        said = there.until(r"2 ok in [^\n]*\n(.|\n)*@gpu \(2\)>")
        assert "prtr" in said
        assert "drtr" in said
        there.type(":select crtr,@pseudo\r")
        there.until(r"crtr,@pseudo \(3\)>")
        there.type(":select nonsense\r")
        assert "there is no node" in there.until(r"hint: (.|\n)*\(3\)>")
        there.type("false\r")
        there.until(r"3 failed(.|\n)*\(3\) \[1\]>")
        there.type("shutdown -h now\r")
        there.until("type the number of nodes to go on: ")
        there.type("no\r")
        there.until(r"not sent(.|\n)*>")
        there.type(":history\r")
        assert "3 failed" in there.until(r"hostname(.|\n)*>")
        there.type("\x04")
    history = os.path.join(environ["XDG_STATE_HOME"], "stentor", "shell_history")
    assert os.stat(history).st_mode & 0o777 == 0o600


def test_ctrl_c_ends_the_running_command_only(lab: Lab, environ: dict[str, str]) -> None:
    with terminal(environ, "shell", "@gpu") as there:
        there.until(r"@gpu \(2\)>")
        there.type("echo begun; sleep 300\r")
        time.sleep(1.5)
        there.type("\x03")
        there.until(r"2 cancelled(.|\n)*\(2\) \[130\]>")
        there.type(":quit\r")


def test_the_shell_completes_nodes_groups_and_remote_paths(lab: Lab, environ: dict[str, str]) -> None:
    from stentor.cli.shell import Shell

    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    shell = Shell(fleet, None, "@core", Context(sys.stdout, sys.stderr, sys.stdin, environ))
    (lab.home("crtr") / "some folder").mkdir()
    (lab.home("crtr") / "sock").write_text("")
    assert shell.candidates(":select crtr,@g") == ("@g", ["@gpu"])
    assert shell.candidates(":sel") == (":sel", [":select"])
    assert (
        shell.candidates("cat /etc/host")[1][:1] == ["/etc/host.conf"]
        or "/etc/hosts" in shell.candidates("cat /etc/host")[1]
    )
    assert shell.candidates("cat so")[1] == ["sock", "some folder/"]
    assert shell.candidates("cat ~/so")[1] == ["~/sock", "~/some folder/"]


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
