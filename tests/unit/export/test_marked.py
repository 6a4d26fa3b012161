"""Our part of a file: written, replaced, and nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import Refused
from stentor.export.formats import FORMATS
from stentor.export.marked import merged, whole
from stentor.export.view import Made

OLD, NEW = Made("10.0.0.1 a\n"), Made("10.0.0.2 b\n")
MARKED = [name for name, form in FORMATS.items() if form.comment[0]]
WHOLE = [name for name in FORMATS if name not in MARKED]

LINES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), max_size=4)


@given(st.sampled_from(MARKED), LINES, LINES)
def test_what_is_outside_of_the_markers_is_kept(name: str, before: list[str], after: list[str]) -> None:
    head = "".join(f"# {line}\n" for line in before)
    tail = "\n".join(after)
    text = merged(name, NEW, f"{head}{whole(name, OLD)}{tail}", "/file")
    assert text == f"{head}{whole(name, NEW)}{tail}"
    assert merged(name, NEW, text, "/file") == text


@pytest.mark.parametrize("name", MARKED)
def test_a_new_file_and_an_empty_one_are_written(name: str) -> None:
    for old in (None, ""):
        assert merged(name, NEW, old, "/file") == whole(name, NEW)
    begin, note, text, end = whole(name, NEW).splitlines()
    assert (f"BEGIN stentor export {name}" in begin, f"END stentor export {name}" in end) == (True, True)
    assert (text, "Made by stentor" in note) == ("10.0.0.2 b", True)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("old", ["mine\n", "\n", "# BEGIN stentor\n", "all:\n"])
def test_a_file_of_somebody_else_is_not_written_over(name: str, old: str) -> None:
    with pytest.raises(Refused, match=f"was not written by 'stentor export {name}'") as caught:
        merged(name, NEW, old, "/file")
    assert caught.value.where == "/file"


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize("change", ["no end", "no begin", "two", "the wrong way round"])
def test_markers_that_are_no_pair_are_refused_with_their_line(name: str, change: str) -> None:
    lines = whole(name, OLD).splitlines(keepends=True)
    begin, *_, end = lines
    old = {
        "no end": "".join(["x\n", *lines[:-1]]),
        "no begin": "".join(["x\n", *lines[1:]]),
        "two": "".join(lines * 2),
        "the wrong way round": "".join([end, "x\n", begin]),
    }[change]
    with pytest.raises(Refused, match="needs one line") as caught:
        merged(name, NEW, old, "/file")
    assert caught.value.where.startswith("/file:")


def test_files_of_older_releases_are_ours() -> None:
    old = (
        "# Made by 'stentor export ansible'; what is written here by hand is lost at the next export.\nall:\n"
    )
    assert merged("ansible", NEW, old, "/file") == whole("ansible", NEW)


@pytest.mark.parametrize("name", WHOLE)
def test_a_format_without_comments_is_known_by_its_first_line(name: str) -> None:
    made = Made("first\nsecond\n")
    assert merged(name, made, "first\nother\n", "/file") == made.text


def test_markers_with_other_line_ends_are_found() -> None:
    old = whole("hosts", OLD).replace("\n", "\r\n")
    assert merged("hosts", NEW, f"mine\r\n{old}", "/file") == f"mine\r\n{whole('hosts', NEW)}"


def test_a_program_begins_with_its_interpreter() -> None:
    made = Made("echo\n", first="#!/bin/sh")
    assert whole("ansible", made).startswith("#!/bin/sh\n# BEGIN stentor export ansible\n")
    old = whole("ansible", made._replace(text="exit\n"))
    assert merged("ansible", made, old, "/file") == whole("ansible", made)


def test_an_inventory_that_is_read_does_not_become_a_program_nor_the_other_way_round() -> None:
    program, data = Made("echo\n", first="#!/bin/sh"), Made("all:\n")
    for old, new in ((program, data), (data, program)):
        with pytest.raises(Refused, match="is to be") as caught:
            merged("ansible", new, whole("ansible", old), "/file")
        assert caught.value.hint == "remove it, or give another name"
    older = "# Made by 'stentor export ansible'; what is written here by hand is lost at the next export.\n"
    with pytest.raises(Refused, match="is read, and is to be a program"):
        merged("ansible", program, older, "/file")
    own = f"#!/usr/bin/make -f\n{whole('make', OLD)}"
    assert merged("make", NEW, own, "/file") == f"#!/usr/bin/make -f\n{whole('make', NEW)}"
