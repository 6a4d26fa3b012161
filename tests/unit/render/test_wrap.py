"""Where texts are broken on a narrow terminal, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.render.visible import without_colours
from stentor.render.wrap import columns_of, fill, hanging, message, page, usage

SUMMARY = "\x1b[33m2 skipped\x1b[0m: prtr,zrtr (expected down) · \x1b[32m3 ok\x1b[0m in 1.2 s"
WORDS = st.text("ab好,;:()", min_size=1, max_size=6)
# Each is copied, or read as one.
WHOLE = st.sampled_from(
    [
        "'stentor trust drtr'",
        "('stentor dotfiles init crtr,drtr')",
        "--fleet DIR",
        "--yes-really 20",
        "1.5 s",
        "[--waves SIZES]",
        "[-w [SECONDS]]",
        "(-a | -b)",
        "/a/path/that/is/longer/than/the/terminal",
        "to finish: stentor rerun 6 --unfinished --on 'a, b'",
    ]
)


def test_colours_take_no_columns() -> None:
    width = len(without_colours(SUMMARY))
    assert len(SUMMARY) > width
    assert message(SUMMARY, width) == SUMMARY
    assert message(SUMMARY, width - 1) == SUMMARY[: -len(" 1.2 s")] + "\n  1.2 s"


@pytest.mark.parametrize("line", ["hint: stentor dotfiles apply crtr,drtr", "crtr   up   0.1 s   and so on"])
def test_hints_and_columns_stay_whole(line: str) -> None:
    assert message(line, 20) == line


def test_what_a_hint_says_last_stays_whole() -> None:
    said = message("hint: it has few open files, raise the limit: ulimit -n 1024", 40)
    assert said == "hint: it has few open files, raise the\n  limit: ulimit -n 1024"
    said = message("hint: here it is: stentor nodes [NODE]; files: stentor fetch NODES FILE... FOLDER", 50)
    assert said == "hint: here it is: stentor nodes [NODE];\n  files: stentor fetch NODES FILE... FOLDER"
    said = message("hint: give nodes 'requires: [git, tmux]'; or write rules below 'needs:'", 42)
    assert said == "hint: give nodes 'requires: [git, tmux]';\n  or write rules below 'needs:'"
    said = message("hint: the node's own: sudo apt-get install --yes zsh", 40)
    assert said == "hint: the node's own:\n  sudo apt-get install --yes zsh"
    said = message("hint: on each: sudo apt-get install --yes zsh fish", 40)
    assert said == "hint: on each:\n  sudo apt-get install --yes zsh fish"
    said = message("hint: to try it again: stentor run @gpu 'echo a: b and so on'", 30)
    assert said == "hint: to try it again:\n  stentor run @gpu 'echo a: b and so on'"


def test_a_command_in_a_sentence_stays_whole() -> None:
    said = message("stentor: not finished: drtr; to finish it: stentor rerun 6 --unfinished", 50)
    assert said == "stentor: not finished: drtr; to finish it:\n  stentor rerun 6 --unfinished"
    said = message("more: stentor run --help, stentor help all (every one)", 30)
    assert said == "more: stentor run --help,\n  stentor help all (every one)"


@given(st.lists(WORDS | WHOLE, min_size=1), st.integers(12, 40), st.sampled_from(["", "  ", " " * 10]))
def test_only_blanks_become_ends_of_lines(parts: list[str], width: int, below: str) -> None:
    text = " ".join(parts)
    rows = fill(text, width, below=below).split("\n")
    assert all(row.startswith(below) for row in rows[1:])
    rows = [rows[0], *(row.removeprefix(below) for row in rows[1:])]
    assert " ".join(rows) == text
    for part in parts:
        whole = part.rpartition(": ")[2]
        assert text.count(whole) == sum(row.count(whole) for row in rows), whole
    assert len(rows) == 1 or fill(rows[0], width) == rows[0]


@given(st.lists(WORDS, min_size=1), st.integers(12, 40))
def test_no_line_is_wider_than_the_terminal_unless_it_is_one_word(words: list[str], width: int) -> None:
    rows = fill(" ".join(words), width, below="  ").split("\n")
    assert [row for row in rows if columns_of(row) > width and " " in row.strip()] == []


def test_many_blanks_take_no_time() -> None:
    assert fill("some" + " " * 100_000, 24) == "some"  # which took minutes


def test_what_does_not_fit_stands_below() -> None:
    assert hanging("some words in a row that go on", 4, 24) == "some words in a row\n    that go on"
    assert hanging("some words in a row that go on", 4, None) == "some words in a row that go on"


def test_the_second_column_of_a_row_is_broken_below_itself() -> None:
    text = "a title\n\n  name   what it is for, and\n         when\n  other  short\n"
    assert page(text, 80) == text
    assert page(text, 33) == text
    told = "a title\n\n  name   what it is for, and when it\n         is not\n"
    assert page(told, 34) == "a title\n\n  name   what it is for, and when\n         it is not\n"
    assert page("  some-option-name   one two three", 30) == "  some-option-name   one two\n      three"


def test_what_a_command_does_stands_below_it() -> None:
    assert page("  stentor run @gpu x   where it failed", 30) == "  stentor run @gpu x\n      where it failed"
    assert page("  stentor run @gpu 'a long command'", 20) == "  stentor run @gpu 'a long command'"


def test_a_usage_line_is_broken_between_options() -> None:
    told = usage("usage: stentor show [-h] [--node NODE | -b]\n       stentor show ID\n", 30)
    assert told == "usage: stentor show [-h]\n          [--node NODE | -b]\n       stentor show ID\n\n"
