from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.sh.quoting import quote, quote_any, quoted

SH = [["dash"], ["bash"], ["busybox", "sh"], ["ksh"], ["zsh", "-f"]]
OTHERS = [["fish", "--no-config"], ["csh", "-f"], ["tcsh", "-f"]]
LETTERS = "ab1 '\"\\!$`*?[]~#=-\t%{};&|<>()^@:é"


@pytest.mark.parametrize(
    ("word", "for_sh", "for_any"),
    [
        ("a-1", "a-1", "a-1"),
        ("/x/y", "/x/y", "/x/y"),
        ("", "''", "''"),
        ("it's", "'it'\\''s'", "'it'\\''s'"),
        ("'", "''\\'''", "\\'"),
        ("a\\b", "'a\\b'", "'a'\\\\'b'"),
        ("a!b", "'a!b'", "'a'\\!'b'"),
        ("100%", "100%", "100%"),
        ("%1", "'%1'", "'%1'"),
        ("a=b", "a=b", "'a=b'"),
        ("=ls", "'=ls'", "'=ls'"),
        ("X Y", "'X Y'", "'X Y'"),
        ("X", "X", "X"),
    ],
)
def test_words_are_quoted_where_they_must(word: str, for_sh: str, for_any: str) -> None:
    assert (quote(word), quote_any(word)) == (for_sh, for_any)


def test_quoted_is_a_line() -> None:
    assert quoted(["ssh", "-o", "A=b c"]) == "ssh -o 'A=b c'"


FEW = settings(max_examples=10, deadline=None)  # each starts every shell, and has many words instead


def read_back(shells: Sequence[Sequence[str]], words: Sequence[str], function: Callable[[str], str]) -> None:
    line = "printf '%s|' " + " ".join(map(function, words))
    for shell in shells:
        if shutil.which(shell[0]):
            done = subprocess.run([*shell, "-c", line], capture_output=True, text=True, check=True)
            assert done.stdout == "".join(f"{word}|" for word in words), shell


@FEW
@given(st.lists(st.text(LETTERS + "\n", max_size=8), min_size=1, max_size=20))
def test_every_sh_reads_a_word_as_it_is(words: list[str]) -> None:
    read_back(SH, words, quote)


@FEW
@given(st.lists(st.text(LETTERS, max_size=8), min_size=1, max_size=20))
def test_every_login_shell_reads_a_word_as_it_is(words: list[str]) -> None:
    read_back([*SH, *OTHERS], words, quote_any)
