from __future__ import annotations

from stentor.render.table import Cell, Column, columns, pairs, table
from stentor.render.wrap import columns_of

COLUMNS = [Column("NODE"), Column("LOAD", right=True), Column("OS", shrink=True)]


def test_columns_are_aligned_and_lines_have_no_spaces_at_their_ends() -> None:
    assert table(COLUMNS, [["crtr", "0.5", "Debian 13"], ["node10", "12.25", ""]]) == [
        "NODE     LOAD  OS",
        "crtr      0.5  Debian 13",
        "node10  12.25",
    ]


def test_a_column_without_anything_in_it_is_left_out() -> None:
    assert table(COLUMNS, [["crtr", "", "Debian"]]) == ["NODE  OS", "crtr  Debian"]


def test_the_widest_column_that_may_shrink_gives_way() -> None:
    assert table(COLUMNS, [["crtr", "0.5", "Debian GNU/Linux 13 (trixie)"]], width=30) == [
        "NODE  LOAD  OS",
        "crtr   0.5  Debian GNU/Linux …",
    ]


def test_a_pipe_is_never_cut() -> None:
    assert table(COLUMNS, [["crtr", "0.5", "x" * 500]])[1].endswith("x" * 500)


def test_a_sentence_goes_on_below_itself() -> None:
    titles = columns("NODE WHY OUTPUT", right="OUTPUT", text="WHY")
    rows: list[list[str | Cell]] = [
        ["crtr", Cell("the lock of crtr is held: stentor reap crtr", "bad"), "9 bytes"],
        ["prtr", "ok", ""],
    ]
    assert table(titles, rows, width=44) == [
        "NODE  WHY                             OUTPUT",
        "crtr  the lock of crtr is held:      9 bytes",
        "      stentor reap crtr",
        "prtr  ok",
    ]
    coloured = table(titles, rows, width=44, colour=True)
    assert [line.count("\x1b[31m") for line in coloured] == [0, 1, 1, 0], "each line by itself"
    assert table(titles, rows)[1].startswith("crtr  the lock of crtr is held: stentor reap crtr")


def test_a_sentence_has_room_for_what_is_not_broken() -> None:
    titles = columns("NODE STATE WHY", text="WHY")
    command = "stentor dotfiles catch-up crtr,drtr"
    rows = [["crtr", "unreachable", f"missed it: {command}"], ["prtr", "up", "x" * 99 + " and more"]]
    assert table(titles, rows, width=44) == [
        "NODE  STATE",
        "crtr  unreachable",
        "prtr  up",
        "",
        "NODE  WHY",
        "crtr  missed it:",
        f"      {command}",
        f"prtr  {'x' * 99}",
        "      and more",
    ]


def test_what_cannot_shrink_is_not_cut() -> None:
    assert table([Column("A")], [["x" * 50]], width=10)[1] == "x" * 50


def test_columns_that_do_not_fit_stand_below_behind_the_first() -> None:
    columns = [*COLUMNS, Column("KERNEL"), Column("STATE")]
    rows = [["crtr", "0.5", "Debian GNU/Linux 13", "6.12.48", "up"], ["prtr", "", "", "", "down"]]
    assert table(columns, rows, width=24) == [
        "NODE  LOAD  OS",
        "crtr   0.5  Debian GNU/…",
        "prtr",
        "",
        "NODE  KERNEL   STATE",
        "crtr  6.12.48  up",
        "prtr           down",
    ]
    assert all(columns_of(line) <= 24 for line in table(columns, rows, width=24))
    assert len(table(columns, rows, width=60)) == 3


def test_a_row_that_has_nothing_more_is_left_out_below() -> None:
    columns = [*COLUMNS, Column("KERNEL"), Column("STATE")]
    rows = [["crtr", "0.5", "Debian", "6.12.48-amd64", "up"], ["1 in all", "0.5", "", "", ""]]
    assert table(columns, rows, width=24) == [
        "NODE      LOAD  OS",
        "crtr       0.5  Debian",
        "1 in all   0.5",
        "",
        "NODE      KERNEL",
        "crtr      6.12.48-amd64",
        "",
        "NODE      STATE",
        "crtr      up",
    ]


def test_styles_do_not_move_columns() -> None:
    rows: list[list[str | Cell]] = [[Cell("up", "good"), "1", "x"], [Cell("down", "bad"), "2", "y"]]
    assert table(COLUMNS, rows, header=False) == ["up    1  x", "down  2  y"]
    assert table(COLUMNS, rows, header=False, colour=True) == [
        "\x1b[32mup\x1b[0m    1  x",
        "\x1b[31mdown\x1b[0m  2  y",
    ]


def test_wide_characters_and_line_ends() -> None:
    assert columns_of("日本") == 4
    assert table(COLUMNS, [["日本", "1", "a\nb\x1b[2J"], ["abcd", "1", "c"]], header=False) == [
        "日本  1  a b\\x1b[2J",
        "abcd  1  c",
    ]


def test_no_rows_still_say_what_there_would_be() -> None:
    assert table(COLUMNS, []) == ["NODE  LOAD  OS"]


def test_pairs() -> None:
    assert pairs({"address": "10.0.0.1", "os": "Debian\n13"}) == [
        "address  10.0.0.1",
        "os       Debian",
        "         13",
    ]


def test_a_text_is_broken_between_words_below_itself() -> None:
    assert pairs({"shells": "/bin/bash /bin/dash /bin/zsh"}, width=30) == [
        "shells  /bin/bash /bin/dash\n        /bin/zsh"
    ]


def test_parts_of_a_table_without_titles_get_them() -> None:
    columns, rows = [Column("FIELD"), Column("VALUE"), Column("FROM")], [["port", "2222", "ssh_config"]]
    assert table(columns, rows, width=40, header=False) == ["port  2222  ssh_config"]
    assert table(columns, rows, width=18, header=False) == [
        "FIELD  VALUE", "port   2222", "", "FIELD  FROM", "port   ssh_config",
    ]  # fmt: skip
