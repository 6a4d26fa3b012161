"""The text that the grammar is given, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.guard import examine
from stentor.guard.reader import read
from stentor.guard.source import decode, encode


@given(st.text())
def test_there_and_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text())
def test_no_character_lies_beyond_the_table(text: str) -> None:
    assert all(ord(character) < 256 for character in encode(text).decode())


@pytest.mark.parametrize("line", ["{\U00081851", "echo {\U0010628a}", "rm -rf {\U0010628a,/}"])
def test_what_killed_the_process(line: str) -> None:
    read(line)


@pytest.mark.parametrize("name", ["à", "é\u0085", "日本", "\U0010628a", "Ä\u3000b", "\udcff"])
def test_it_is_one_word_as_for_bash(name: str) -> None:
    (call,) = read(f"echo x{name}y").calls
    assert call.words == ("echo", f"x{name}y".replace("\udcff", "�"))
    assert call.text == f"echo x{name}y".replace("\udcff", "�")


def test_danger_beside_it_is_seen() -> None:
    assert [finding.rule for finding in examine("echo grüße; rm -rf /")] == ["remove-tree"]
    assert not examine("rm -rf ./Bücher/日本")
