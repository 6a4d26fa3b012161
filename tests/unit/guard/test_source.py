"""The text that the grammar is given, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.guard import examine
from stentor.guard.reader import read
from stentor.guard.source import decode, encode


@given(st.text())
def test_encoded_text_is_decoded_unchanged(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text())
def test_no_character_lies_beyond_the_table(text: str) -> None:
    assert all(ord(character) < 256 for character in encode(text).decode())


@pytest.mark.parametrize("line", ["{\U00081851", "echo {\U0010628a}", "rm -rf {\U0010628a,/}"])
def test_characters_that_crashed_the_parser_are_encoded(line: str) -> None:
    read(line)


@pytest.mark.parametrize("name", ["à", "é\u0085", "日本", "\U0010628a", "Ä\u3000b", "\udcff"])
def test_encoded_characters_are_one_word(name: str) -> None:
    (call,) = read(f"echo x{name}y").calls
    assert call.words == ("echo", f"x{name}y".replace("\udcff", "�"))
    assert call.text == f"echo x{name}y".replace("\udcff", "�")


def test_danger_next_to_encoded_characters_is_found() -> None:
    assert [finding.rule for finding in examine("echo grüße; rm -rf /")] == ["remove-tree"]
    assert not examine("rm -rf ./Bücher/日本")
