"""``stentor tour`` at a terminal, as a person walks through it; and nothing of it is left."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.cli.commands.tour import STEPS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
ASKED = b"q ends the tour: "


@pytest.fixture
def state(environ: dict[str, str]) -> Path:
    return Path(environ["XDG_STATE_HOME"]) / "stentor"


def walked(
    environ: dict[str, str], answers: Iterator[bytes], *words: str, columns: int = 80
) -> tuple[int, str]:
    """Walk at a terminal; return the exit code, and all that was on the screen."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", "tour", *words],
        env={name: text for name, text in environ.items() if name != "CI"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said, seen = b"", 0
    deadline = time.monotonic() + 100
    with contextlib.suppress(OSError):  # the terminal is gone with its last user
        while time.monotonic() < deadline and (data := os.read(ours, 65536)):
            said += data
            if said.endswith(ASKED) and said.count(ASKED) > seen:
                seen = said.count(ASKED)
                os.write(ours, next(answers))
            elif said.endswith(b"to continue: "):
                os.write(ours, b"\n")  # the guard's question
    os.close(ours)
    return process.wait(30), said.decode()


def test_every_step_shows_what_it_says(environ: dict[str, str], state: Path) -> None:
    code, said = walked(environ, iter([b"\n"] * len(STEPS)))
    assert code == 0, said
    assert [f"{number} of {len(STEPS)}" in said for number in range(1, 11)] == [True] * 10
    for shown in (
        "cooperator",
        "expected down",
        "crtr,drtr,trtr (3)",
        "crtr: has it already",
        "drtr: connection refused",
        "+old",
        "removes everything",
        "not confirmed; nothing was sent",
        "not begun: the canary failed: drtr",
        "touch broken",
        "The tour is over",
    ):
        assert shown in said, shown
    assert "Traceback" not in said
    assert not (state / "tour").exists()


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_what_a_step_explains_is_broken_between_words(environ: dict[str, str], columns: int) -> None:
    _, said = walked(environ, iter([b"s\n"] * len(STEPS)), columns=columns)
    rows = re.sub(r"\x1b\[\d*m|\r", "", said).splitlines()
    assert not [
        row
        for row in rows
        if len(row) > columns and not row.startswith(("  ", "Enter", "starting" if columns < 60 else "  "))
    ]
    shown = " ".join(row.strip() for row in rows)
    for step in STEPS:
        assert step.text in shown


def test_a_step_is_skipped_and_the_tour_ended(environ: dict[str, str], state: Path) -> None:
    code, said = walked(environ, iter([b"s\n", b"what?\n", b"q\n"]))
    assert code == 0
    assert "cooperator" not in said
    assert "3 of 10" not in said
    assert not (state / "tour").exists()


def test_of_two_tours_the_second_leaves_the_first_alone(
    environ: dict[str, str], state: Path, stentor: Any
) -> None:
    def answers() -> Iterator[bytes]:
        done = stentor("tour", "--no-wait")
        assert (done.code, "a tour goes on in another terminal" in done.stderr) == (6, True)
        yield b"\n"
        yield b"\x04"  # Ctrl-D

    code, said = walked(environ, answers())
    assert code == 0
    assert "cooperator" in said
    assert said.endswith("\r\n"), "the shell's prompt is on a line of its own"
    assert not (state / "tour").exists()


def test_where_nobody_answers_it_says_so(stentor: Any) -> None:
    done = stentor("tour")
    assert done.code == 6
    assert "hint: stentor tour --no-wait" in done.stderr
