"""The line that is drawn while nodes are asked."""

from __future__ import annotations

import io
import time

from stentor.cli.context import Context
from stentor.cli.waiting import waiting
from stentor.render.screen import Screen


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
