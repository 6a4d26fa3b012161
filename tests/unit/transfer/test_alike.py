"""What a node has as it is here, found without reading its answer line by line."""

from __future__ import annotations

import stat
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.transfer.alike import alike
from stentor.transfer.plan import NOTHING, Entry, Look, Need, There, doubtful, needs, parse_look

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


CHANGES = {
    "file": ("same", "size", "time", "mode", "gone"),
    "directory": ("same", "time", "mode", "gone"),
    "link": ("same", "leads", "gone"),
}
KINDS = st.sampled_from([(kind, change) for kind, changes in CHANGES.items() for change in changes])
# Of a link that leads elsewhere: entries that it says to be unchanged, each in a line of its own.
LIES = st.lists(st.integers(0, 5), max_size=3)


def entry_of(number: int, kind: str) -> Entry:
    target = f"to {number}" if kind == "link" else ""
    return Entry(f"n {number}", kind, 0o640 + number, 100 + number, number, target)


def state(entry: Entry, change: str, told: str = "") -> There:
    """What a node has in place of an entry."""
    same = There(entry.kind, entry.size, entry.modified, entry.mode, entry.target)
    return {
        "size": same._replace(size=entry.size + 1),
        "time": same._replace(modified=entry.modified + 1),
        "mode": same._replace(mode=entry.mode ^ 0o4000),
        "gone": NOTHING,
        "leads": There("link", target=told),
    }.get(change, same)


def said(name: str, there: There) -> str:
    """What ``stat`` says of it."""
    if there.kind == "none":
        return ""
    if there.kind == "link":
        return f"t a1ff {len(there.target)} 1 ./{name} -> {there.target}\n"
    kind = stat.S_IFREG if there.kind == "file" else stat.S_IFDIR
    return f"t {kind | there.mode:x} {there.size} {there.modified} ./{name}\n"


@settings(max_examples=500)
@given(st.lists(st.tuples(KINDS, LIES), max_size=6), st.integers(1, 4))
def test_each_change_is_seen_whatever_links_lead_to(
    made: list[tuple[tuple[str, str], list[int]]], block: int
) -> None:
    entries = [entry_of(number, kind) for number, ((kind, _), _) in enumerate(made)]
    there: dict[int, There] = {}
    lies = False
    for number, (entry, ((_, change), untrue)) in enumerate(zip(entries, made, strict=True)):
        chosen = [entries[at] for at in untrue if at < len(entries)]
        lies |= bool(change == "leads" and chosen)
        told = "x" + "".join("\n" + said(one.name, state(one, "same"))[:-1] for one in chosen)
        there[number] = state(entry, change, told)
    names = [entry.name for entry in entries]
    with mock.patch("stentor.transfer.alike._BLOCK", block):
        expected = alike(entries)
        lines = (said(names[number], there[number]) for number in expected.order)
        look = expected.parse_look("base yes\n" + "".join(lines), names)
    truth = Look(True, "", False, False, {n: one for n, one in there.items() if one.kind != "none"}, {})
    for always in (False, True):
        need, right = needs(entries, look, {}, always=always), needs(entries, truth, {}, always=always)
        assert not right.refused
        if lies:  # what is told behind them counts as gone
            assert {*need.send} >= {*right.send}
            assert {*need.send, *need.modes} >= {*right.modes}
        else:
            assert need == right
            assert doubtful(entries, look, always=always) == doubtful(entries, truth, always=always)
