"""What nodes write is shown on a terminal, and moves nothing there."""

from __future__ import annotations

import io
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.render.screen import Screen
from stentor.render.visible import visible

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def shown(*chunks: bytes, encoding: str = "utf-8") -> bytes:
    return b"".join(visible(chunks, encoding))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain \xc3\xa9\t\n", "plain é\t\n"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (b"\x1b[2J\x1b[1;1H", r"\x1b[2J\x1b[1;1H"),
        (b"\x1b]0;title\x07", r"\x1b]0;title\x07"),
        (b"\x1b]52;c;aGVsbG8=\x1b\\", r"\x1b]52;c;aGVsbG8=\x1b" + "\\"),
        (b"over\rwritten", r"over\x0dwritten"),
        (b"back\x08\x08", r"back\x08\x08"),
        (b"dos\r\n", "dos\r\n"),
        (b"\xc2\x9b2J \x9b2J", r"\x9b2J \x9b2J"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("abc\u202edef".encode(), r"abc\u202edef"),
        (b"\x1b[31", r"\x1b[31"),
    ],
)
def test_control_characters_are_written_out(data: bytes, text: str) -> None:
    assert shown(data).decode() == text


def test_a_terminal_that_knows_less_gets_escapes() -> None:
    assert shown("é€".encode(), encoding="ascii") == rb"\xc3\xa9\xe2\x82\xac"
    assert shown(b"\xe9\x9b", encoding="latin-1") == b"\xe9" + rb"\x9b"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_nothing_but_colours_and_line_ends_controls_the_terminal(data: bytes, cuts: list[int]) -> None:
    ends = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[a:b] for a, b in itertools.pairwise(ends)]
    text = shown(*chunks).decode()
    assert text == shown(data).decode()
    rest = COLOUR.sub("", text).replace("\r\n", "").replace("\n", "").replace("\t", "")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", rest)


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=50))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert shown(text.encode()).decode() == text


@pytest.mark.parametrize("live", [True, False])
def test_lines_of_ours_that_hold_words_of_a_node_control_no_terminal(live: bool) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    screen = Screen(out, err, live_out=live, live_err=live)
    hostile = "\x1b[32mgood\x1b[0m \x1b]0;title\x07\x1b[2J\r\x9b"
    screen.print(hostile)
    screen.say(hostile)
    written = r"\x1b]0;title\x07\x1b[2J\x0d\x9b"
    shown = f"\x1b[32mgood\x1b[0m {written}\n" if live else f"{hostile}\n"
    assert out.getvalue().decode() == err.getvalue().decode() == shown
