"""Messages on a narrow terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.render.screen import wrapped
from stentor.render.table import columns_of
from stentor.render.visible import without_colours

SUMMARY = "\x1b[33m2 skipped\x1b[0m: prtr,zrtr (expected down) · \x1b[32m3 ok\x1b[0m in 1.2 s"


def test_colours_take_no_columns() -> None:
    width = len(without_colours(SUMMARY))
    assert len(SUMMARY) > width
    assert wrapped(SUMMARY, width) == SUMMARY
    assert wrapped(SUMMARY, width - 1) == SUMMARY[: -len(" s")] + "\n  s"


@pytest.mark.parametrize("line", ["hint: stentor dotfiles apply crtr,drtr", "crtr   up   0.1 s   and so on"])
def test_commands_and_columns_stay_whole(line: str) -> None:
    assert wrapped(line, 20) == line


def test_a_command_at_the_end_stays_whole() -> None:
    said = wrapped("stentor: not finished: drtr; to finish it: stentor rerun 6 --unfinished", 50)
    assert said == "stentor: not finished: drtr; to finish it:\n  stentor rerun 6 --unfinished"


def test_a_word_that_is_longer_than_the_terminal_stays_whole() -> None:
    assert wrapped("see /a/path/that/is/long for more", 12) == "see\n  /a/path/that/is/long\n  for more"


@given(st.lists(st.text("ab好", min_size=1, max_size=6), min_size=1), st.integers(12, 40))
def test_only_blanks_become_ends_of_lines(words: list[str], width: int) -> None:
    found = wrapped(" ".join(words), width)
    assert found.split() == words
    assert all(columns_of(row) <= width for row in found.split("\n") if " " in row.strip())
