from __future__ import annotations

import io
import os

import pytest

from stentor.render.screen import Screen
from stentor.render.watch import Redraw, fitting, rounds, watch


def test_rounds_begin_at_even_distances_whatever_they_take() -> None:
    now = [0.0]
    begun = []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    for number in rounds(2.0, 4, clock=lambda: now[0], sleep=sleep):
        begun.append(now[0])
        now[0] += 5.0 if number == 2 else 0.5
    assert begun == [0.0, 2.0, 7.0, 9.0]


def test_a_picture_is_cut_to_the_terminal() -> None:
    assert fitting(["a", "b"], 2) == ["a", "b"]
    assert fitting(["a", "b", "c"], 2) == ["a", "… 2 more lines; enlarge the terminal to see them"]
    assert fitting(["a"], 0) == []


def test_the_last_picture_stays_behind() -> None:
    out = io.BytesIO()
    with Redraw(Screen(out, io.BytesIO())) as picture:
        picture.draw("title", ["one"], width=20, height=10)
        picture.draw("title", ["two"], width=20, height=10)
    drawn, _, left = out.getvalue().partition(b"\x1b[?1049l")
    assert b"one" in drawn
    assert b"title" in drawn
    assert left == b"two\n"


def test_the_terminal_is_given_back_after_an_error() -> None:
    out = io.BytesIO()
    try:
        with Redraw(Screen(out, io.BytesIO())) as picture:
            picture.draw("title", ["one"], width=20, height=10)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert out.getvalue().endswith(b"\x1b[?25h\x1b[?1049lone\n")


def test_a_title_is_broken_where_the_terminal_is_narrow() -> None:
    out = io.BytesIO()
    with Redraw(Screen(out, io.BytesIO())) as picture:
        picture.draw("12:00:00 · stentor ping · 3 up in 1 s · every 2 s, Ctrl-C ends", [], width=40, height=9)
    assert (
        "12:00:00 · stentor ping · 3 up in 1 s ·\x1b[K\r\n  every 2 s, Ctrl-C ends" in out.getvalue().decode()
    )


class Silent:
    """What is watched, and never changes."""

    title = "silent"

    def round(self) -> None:
        """Look once more."""

    def picture(self, width: int | None) -> list[str]:
        return []

    def summary(self) -> str:
        return ""

    def changes(self) -> list[str]:
        return []


def test_a_watch_that_has_nothing_to_say_sees_that_its_reader_has_gone() -> None:
    ours, theirs = os.pipe()
    with open(theirs, "wb", buffering=0) as out:
        screen = Screen(out, io.BytesIO())
        watch(Silent(), range(3), 1.0, screen=screen, size=lambda: (80, 24))
        os.close(ours)
        with pytest.raises(BrokenPipeError):
            watch(Silent(), range(3), 1.0, screen=screen, size=lambda: (80, 24))
