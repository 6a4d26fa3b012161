"""What a node has as it is here, found without reading its answer line by line."""

from __future__ import annotations

import pytest

from stentor.transfer.alike import alike
from stentor.transfer.plan import Entry, Need, There, needs, parse_look

FILES = tuple(Entry(f"a/{number:03}", "file", 0o644, 100 + number, number) for number in range(600))
TREE = (Entry("a", "directory", 0o755, 10), *FILES, Entry("a/link", "link", 0o777, 1, target="001"))
NAMES = [entry.name for entry in TREE]
NUMBERS = {f"./{name}": number for number, name in enumerate(NAMES)}
LINES = [f"t 81a4 {entry.size} {entry.modified} ./{entry.name}\n" for entry in FILES]
OTHERS = "t 41ed 4096 99 ./a\nt a1ff 3 1 ./a/link -> 001\n"


def test_files_are_asked_about_first_and_are_alike() -> None:
    expected = alike(TREE)
    assert expected.order == [*range(1, 601), 0, 601]
    look = expected.parse_look("base yes\n" + "".join(LINES) + OTHERS, NAMES)
    assert look.base
    assert look.alike == b"\0" + b"\1" * 600 + b"\0"
    assert look.there == {0: There("directory", 4096, 99, 0o755), 601: There("link", target="001")}
    assert needs(TREE, look, {}) == Need()


@pytest.mark.parametrize(
    "lines",
    [
        [*LINES[:300], LINES[300].replace("400", "401"), *LINES[301:]],
        LINES[:5] + LINES[6:],
        ["x" + LINES[0], *LINES[1:]],
        [*LINES[:-1], LINES[-1].replace("81a4", "89a4")],
        LINES[300:] + LINES[:300],
        [],
    ],
    ids=["another time", "one is gone", "no line of its own", "set-id", "another order", "nothing"],
)
def test_what_differs_is_found_as_if_each_line_was_read(lines: list[str]) -> None:
    text = "".join(lines) + OTHERS
    look, line_by_line = alike(TREE).parse_look(text, NAMES), parse_look(text, NUMBERS)
    assert needs(TREE, look, {}) == needs(TREE, line_by_line, {})
    assert look.alike.count(1) < 600


def test_nodes_that_answer_by_numbers_are_asked_in_that_order() -> None:
    small = (Entry("d", "directory", 0o755, 10), Entry("d/f", "file", 0o644, 100, 5))
    look = alike(small).parse_look("f 0\nd 1\ns 5 100 644\ns 4096 10 755\n", ["d", "d/f"])
    assert look.there == {0: There("directory", 4096, 10, 0o755), 1: There("file", 5, 100, 0o644)}
    assert alike(small).parse_look("f 0\nd 1\nf 2\ns 5 1 644\n", ["d", "d/f"]).there.keys() == {0, 1}
