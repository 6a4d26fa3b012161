"""What Tab completes at the prompt of ``stentor shell``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stentor.cli.commands.shell.words import Wanted, Word, last_word, listing, wanted, written


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("", Word(0, "", "", True)),
        ("ls", Word(0, "ls", "", True)),
        ("ls ", Word(3, "", "", False)),
        ("ls /e", Word(3, "/e", "", False)),
        (r"ls my\ fi", Word(3, "my fi", "", False)),
        ("ls 'my fi", Word(3, "my fi", "'", False)),
        ('ls "a\\"b', Word(3, 'a"b', '"', False)),
        ("ls | gr", Word(5, "gr", "", True)),
        ("ls>/tm", Word(3, "/tm", "", False)),
    ],
)
def test_the_word_before_the_cursor(line: str, word: Word) -> None:
    assert last_word(line) == word


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("@g", Wanted("names", "@g", 0)),
        ("@all!@g", Wanted("names", "@g", 5)),
        (":sel", Wanted("commands", "sel", 1)),
        (":select crtr,dr", Wanted("names", "dr", 13)),
        (":view ga", Wanted("views", "ga", 6)),
        (":status @g", Wanted("names", "@g", 8)),
        (":status --w", Wanted("")),
        ("cat /et", Wanted("paths", "/et", 4)),
        ("  cat /et", Wanted("paths", "/et", 6)),
        ("@gpu cat /et", Wanted("paths", "/et", 9, "", "@gpu")),
        ("/usr/bi", Wanted("paths", "/usr/bi", 0)),
        ("upt", Wanted("")),
        ("!ls /et", Wanted("")),
    ],
)
def test_completions_depend_on_the_place_in_the_line(line: str, expected: Wanted) -> None:
    assert wanted(line) == expected


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0\n", exclude_categories=["Cs", "Cc"]), min_size=1
)


@settings(max_examples=40, deadline=None)
@given(NAMES, st.sampled_from(["", "'", '"']))
@example("$HOME `a` \\ \"q\" 'q' *?[a]", '"')
def test_what_is_written_is_read_as_the_name_by_a_shell(name: str, quote: str) -> None:
    line = "/folder/" + name
    command = f"printf %s {written('/folder/x', line, quote)}{quote}"
    assert subprocess.run(["sh", "-c", command], capture_output=True).stdout == line.encode()


@pytest.mark.parametrize("beginning", ["a", "-", "with b", "q'", "$H", "d"])
def test_the_listing_is_understood_by_sh(tmp_path: Path, beginning: str) -> None:
    names = ["a1", "a2", "-x", "with blank", "q'uote", "$HOME", "dir", ".hidden"]
    for name in names:
        (tmp_path / name).mkdir() if name == "dir" else (tmp_path / name).touch()

    def ask(path: str, folder: Path) -> list[str]:
        environ = {**os.environ, "HOME": str(tmp_path)}
        command = ["sh", "-c", listing(path)]
        said = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True).stdout
        return sorted(line.rpartition("/")[2] or f"{line.split('/')[-2]}/" for line in said.splitlines())

    expected = sorted(name + "/" * (name == "dir") for name in names if name.startswith(beginning))
    assert ask(beginning, tmp_path) == expected
    assert ask(f"~/{beginning}", Path("/")) == expected
    assert ask(f"{tmp_path}/{beginning}", Path("/")) == expected
