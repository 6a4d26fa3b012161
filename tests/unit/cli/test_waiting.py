"""The line that is drawn while nodes are asked."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

from stentor.cli.context import Context
from stentor.cli.waiting import waiting
from stentor.outcome import Outcome
from stentor.render.screen import Screen
from stentor.render.survey import Survey


def drawn(environ: dict[str, str], seconds: float) -> bytes:
    """What is written to a terminal in a block that lasts so long."""
    err = io.BytesIO()
    screen = Screen(io.BytesIO(), err, live_err=True)
    with waiting(screen, Context(io.StringIO(), io.StringIO(), io.StringIO(), environ), 3):
        time.sleep(seconds)
    return err.getvalue()


def test_a_line_is_drawn_after_a_second_and_removed() -> None:
    said = drawn({"TERM": "xterm"}, 1.3)
    assert b"asking 3 nodes ... 1 s" in said
    assert said.endswith(b"\r\x1b[K"), "the line is gone at the end"


def test_what_is_quick_draws_nothing() -> None:
    assert drawn({"TERM": "xterm"}, 0.1) == b""


def test_plain_output_has_no_such_line() -> None:
    assert drawn({"TERM": "xterm", "STENTOR_PLAIN": "1"}, 1.2) == b""


def test_a_survey_draws_while_no_node_answers() -> None:
    """The line goes on by itself: the first answer may take as long as a login."""
    answered = threading.Event()

    class Err(io.BytesIO):
        def write(self, data: Any, /) -> int:
            if b"2 s" in data:
                answered.set()
            return super().write(data)

    err = Err()
    screen = Screen(io.BytesIO(), err, live_err=True)

    def look(_: object) -> Generator[Any]:
        assert answered.wait(30), "nothing was drawn"
        yield SimpleNamespace(outcome=Outcome("crtr", "ok"))

    selection: Any = SimpleNamespace(nodes=[SimpleNamespace(alias="crtr")], fleet=SimpleNamespace(groups={}))
    view: Any = None
    made: Survey[Any] = Survey(screen, view, selection, look, live=True)
    made.look()
    assert made.code == 0
    assert b"waiting for crtr" in err.getvalue()
    assert err.getvalue().endswith(b"\r\x1b[K")
