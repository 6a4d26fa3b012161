"""Texts which are no YAML, or YAML with bad intentions."""

# ruff: noqa: E501 - tables of texts and what is said of them
from __future__ import annotations

from typing import Any

import pytest

from stentor.fleet.document import MAX_BYTES, parse


def fault_of(data: bytes | str) -> str:
    tree, faults = parse(data.encode() if isinstance(data, str) else data, "f")
    assert tree is None
    (fault,) = faults
    return f"{fault.where}: {fault.what}" + (f" | {fault.hint}" if fault.hint else "")


def plain(text: str | bytes) -> Any:
    tree, faults = parse(text.encode() if isinstance(text, str) else text, "f")
    assert faults == []
    assert tree is not None
    return tree.plain()


BAD: dict[str | bytes, str] = {
    b"": "f: it is empty | 'stentor init' writes a fleet to begin with",
    b"  \n\t\n": "f: it is empty | 'stentor init' writes a fleet to begin with",
    b"# only a comment\n": "f: it is empty | 'stentor init' writes a fleet to begin with",
    b"\xef\xbb\xbf": "f: it is empty | 'stentor init' writes a fleet to begin with",
    b"\x7fELF\x02\x01\0\0": "f: it is a binary file, not YAML | is it the file you mean?",
    b"\xff\xfen\0o\0": "f: it is written in UTF-16 | save it as UTF-8",
    b"a: 1\nb: \xe4\n": "f:2:4: byte 0xe4 is not UTF-8 | save the file as UTF-8",
    b"a:\n  \x07": "f:2:3: the character U+0007 may not be in YAML",
    "a:\n\tb: 1\n": "f:2:1: a tab where YAML wants spaces | indent with spaces",
    "a: {b: 1\n": "f:2:1: did not find expected ',' or '}'"
    " | look at the indentation, and for a bracket or quote that is not closed above",
    "a: b: c\n": "f:1:5: mapping values are not allowed in this context"
    " | a text with ': ' in it needs quotes, or the line is indented too far",
    "a: 1\n---\nb: 2\n": "f:2:1: a second document begins here | a fleet file is one document",
    "a: !!python/object/apply:os.system [id]\n": "f:1:4: the tag tag:yaml.org,2002:python/object/apply:os.system"
    " is not for a fleet file | leave it away",
    "a: !x y\n": "f:1:4: the tag !x is not for a fleet file; a text that begins with ! needs quotes",
    "g: @all\n": "f:1:4: a text cannot begin with @ | put the text in quotes",
    "g: [%role=gpu]\n": "f:1:5: a text cannot begin with % | put the text in quotes",
    "g: `id`\n": "f:1:4: a text cannot begin with ` | put the text in quotes",
    "g: *\n": "f:1:5: did not find expected alphabetic or numeric character"
    " | put the text in quotes, if no alias is meant",
    "g: &,a\n": "f:1:5: did not find expected alphabetic or numeric character"
    " | put the text in quotes, if no anchor is meant",
    "a: 'b\nc: d\n": "f:1:4: a quote is not closed | close it",
    'a: {b: "c}\n': "f:1:8: a quote is not closed | close it",
    "a: *b\n": "f:1:4: there is no anchor &b before this alias",
    "a: &b [*b]\n": "f:1:8: *b would contain itself",
    "a: &b {c: {<<: *b}}\n": "f:1:16: *b would contain itself",
    "{a: 1}: 2\n": "f:1:1: a key must be a word, not a list or mapping | a text with {{ }} or [ ] needs quotes",
    "a: {{ b }}\n": "f:1:5: a key must be a word, not a list or mapping | a text with {{ }} or [ ] needs quotes",
    "a: &b []\n*b : 1\n": "f:2:1: a key must be a word, not a list or mapping",
    "a: {<<: 3}\n": "f:1:5: << takes a mapping, or a list of mappings",
    "[" * 50: "f:1:41: it is nested more than 40 levels deep",
}


@pytest.mark.parametrize("data", BAD)
def test_bad_texts(data: str | bytes) -> None:
    assert fault_of(data) == BAD[data]


def test_a_file_too_large_is_not_even_read() -> None:
    # What is read first is told first: these bytes are no text.
    assert "it is 12.0 MB; a fleet file may have 4.2 MB at most" in fault_of(b"\xff\0: 1\n" * 2_000_000)


def test_aliases_which_unfold_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # The limit is low here, so that nothing in this file is large in whatever else reads it.
    monkeypatch.setattr("stentor.fleet.document.MAX_VALUES", 100)
    assert plain(b"a: &a [x, x, x]\nb: [*a, *a]\n") == {"a": ["x"] * 3, "b": [["x"] * 3] * 2}
    lists = "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
    assert "its aliases unfold to more than 100 values" in fault_of(lists)
    merged = (
        "a: &a {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\nb: &b {<<: *a, y: [*a, *a, *a]}\nc: {<<: *b, z: [*b, *b]}\n"
    )
    assert "its aliases unfold" in fault_of(merged)


def test_aliases_do_not_get_round_the_depth() -> None:
    levels = ["a0: &a0 " + "[" * 30 + "]" * 30]
    levels += [f"a{n}: &a{n} {'[' * 30}*a{n - 1}{']' * 30}" for n in range(1, 3)]
    assert "it is nested more than 40 levels deep" in fault_of("\n".join(levels))


@pytest.mark.parametrize(
    "data", [b"a: 1\nb: [x, y]\n", b"\xef\xbb\xbfa: 1\r\nb: [x, y]\r\n", b"a: 1\rb: [x, y]"]
)
def test_bom_and_line_ends_do_not_matter(data: bytes) -> None:
    assert plain(data) == {"a": 1, "b": ["x", "y"]}


def test_the_column_counts_characters() -> None:
    assert (
        fault_of("a: 'äöü' : b")
        == "f:1:10: mapping values are not allowed in this context | a text with ': ' in it needs quotes, or the line is indented too far"
    )


SCALARS: dict[str, Any] = {
    "52:54:00:12:34:56": "52:54:00:12:34:56",  # a number in base sixty, says YAML 1.1
    "no": "no",
    "on": "on",
    "0o17": 15,
    "017": 17,
    "0x1f": 31,
    "1_000": "1_000",
    "1e3": 1000.0,
    ".5": 0.5,
    "1.": 1.0,
    "-7": -7,
    "~": None,
    "null": None,
    "true": True,
    "True": True,
    "'true'": "true",
    "!!str 7": "7",
    "! 7": "7",
    "2026-01-01": "2026-01-01",
    "1e999": "1e999",
    "9" * 50: "9" * 50,
    "٣": "٣",
    "=": "=",
}


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_by_the_core_schema(text: str) -> None:
    value = plain(f"a: {text}")["a"]
    assert value == SCALARS[text]
    assert type(value) is type(SCALARS[text])


def test_merging() -> None:
    text = "b: &b {x: 1, y: 2}\nc: &c {z: 3, x: 9}\nd: {<<: *b, y: 5}\ne: {<<: [*b, *c]}\n"
    assert plain(text)["d"] == {"x": 1, "y": 5}
    assert plain(text)["e"] == {"x": 1, "y": 2, "z": 3}


def test_merge_key_in_quotes_is_a_plain_key() -> None:
    assert plain("a: {'<<': {x: 1}, \"b\": 2}\n")["a"] == {"<<": {"x": 1}, "b": 2}
    assert plain("b: &b {'<<': 1, y: 2}\nc: {<<: *b, z: 3}\n")["c"] == {"<<": 1, "y": 2, "z": 3}


def test_a_second_key_is_a_fault_but_the_tree_is_there() -> None:
    tree, faults = parse(b"a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert tree is not None
    assert tree.plain() == {"a": 1, "b": {"c": 1}}
    assert [fault.where for fault in faults] == ["f:2:11", "f:3:1"]


def test_the_largest_file_is_read_in_reasonable_time() -> None:
    line = "  - {a: 1, b: two, c: [3, 4]}\n"
    text = ("x:\n" + line * (MAX_BYTES // len(line) // 8)).encode()
    tree, faults = parse(text, "f")
    assert tree is not None or faults
