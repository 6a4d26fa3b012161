"""The text that the grammar is given, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.guard import examine, reader
from stentor.guard.reader import read
from stentor.guard.source import decode, encode


@given(st.text())
def test_encoded_text_is_decoded_unchanged(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text())
def test_no_character_lies_beyond_the_table(text: str) -> None:
    assert all(ord(character) < 256 for character in encode(text).decode())


@pytest.mark.parametrize(
    "line", ["echo grüße", "ls ./日本 'Straße'", "x=(äöü) cat <<E\n„\nE", "# 😀\necho \udcff"]
)
def test_the_grammar_is_given_only_characters_of_its_table(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_text = []

    class Grammar:
        def parse(self, source: bytes) -> Any:
            given_text.append(source.decode())
            return parse(source)

    read("true")
    assert reader._parser
    parse = reader._parser.parse
    monkeypatch.setattr(reader, "_parser", Grammar())
    assert not read(line).troubles
    assert given_text and max(map(ord, "".join(given_text))) < 256


@pytest.mark.parametrize("name", ["à", "é\u0085", "日本", "😀", "Ä\u3000b", "\udcff"])
def test_encoded_characters_are_one_word(name: str) -> None:
    (call,) = read(f"echo x{name}y").calls
    assert call.words == ("echo", f"x{name}y".replace("\udcff", "�"))
    assert call.text == f"echo x{name}y".replace("\udcff", "�")


def test_danger_next_to_encoded_characters_is_found() -> None:
    assert [finding.rule for finding in examine("echo grüße; rm -rf /")] == ["remove-tree"]
    assert not examine("rm -rf ./Bücher/日本")
