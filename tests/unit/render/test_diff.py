from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Finished, Output
from stentor.outcome import Outcome, Report
from stentor.render.diff import Diff, split, unified
from stentor.render.mask import Mask

from .conftest import Surface

NODES = ["crtr", "prtr", "drtr", "trtr", "zrtr"]
END = Report([])


def shown(view: Diff, surface: Surface, outputs: dict[str, bytes], stream: str = "stdout") -> str:
    for node, data in outputs.items():
        if data:
            view.show(Output(node, stream, data))
        view.show(Finished(node, Outcome(node, "ok", code=0, started=True)))
    view.end(END)
    return surface.printed


def test_nodes_that_differ_are_compared_with_the_majority(surface: Surface) -> None:
    outputs = {"crtr": b"a\nb\nc\n", "prtr": b"a\nX\nc\n", "drtr": b"a\nb\nc\n"}
    text = shown(Diff(surface, NODES), surface, outputs)
    assert text == "--- crtr,drtr (2)\n+++ prtr\n@@ -1,3 +1,3 @@\n a\n-b\n+X\n c\n"
    assert surface.said == "2 of 3 agree on stdout: crtr,drtr; the others differ\n"


def test_all_the_same_is_nothing_on_stdout(surface: Surface) -> None:
    assert shown(Diff(surface, NODES), surface, dict.fromkeys(NODES, b"x\n")) == ""
    assert surface.said == "all 5 wrote the same on stdout\n"


def test_empty_output_differs_from_output(surface: Surface) -> None:
    text = shown(Diff(surface, NODES), surface, {"crtr": b"a\n", "prtr": b"a\n", "drtr": b""})
    assert text == "--- crtr,prtr (2)\n+++ drtr\n@@ -1 +0,0 @@\n-a\n"


def test_nodes_that_were_not_reached_are_left_out(surface: Surface) -> None:
    view = Diff(surface, NODES)
    view.show(Finished("zrtr", Outcome("zrtr", "unreachable")))
    assert shown(view, surface, {"crtr": b"a\n", "prtr": b"a\n"}) == ""
    assert "all 2" in surface.said


def test_a_missing_newline_at_the_end_is_said(surface: Surface) -> None:
    text = shown(Diff(surface, NODES), surface, {"crtr": b"a\n", "prtr": b"a\n", "drtr": b"a"})
    assert text.endswith("+++ drtr\n\\ no newline at the end of +\n")


def test_stderr_is_compared_if_anybody_wrote_to_it(surface: Surface) -> None:
    shown(Diff(surface, NODES), surface, {"crtr": b"a\n", "prtr": b"", "drtr": b""}, "stderr")
    assert "+++ crtr\n@@ -0,0 +1 @@\n+a\n" in surface.said


def test_masked_lines_are_shown_raw_and_only_where_they_differ(surface: Surface) -> None:
    view = Diff(surface, NODES, lens=Mask({node: [node] for node in NODES}))
    outputs = {node: f"I am {node}\nnumber 1\n".encode() for node in ("crtr", "prtr")}
    outputs["drtr"] = b"I am drtr\nnumber 2\n"
    text = shown(view, surface, outputs)
    assert text.endswith("@@ -1,2 +1,2 @@\n I am crtr\n-number 1\n+number 2\n")
    assert "I am drtr" not in text


def test_two_long_outputs_without_anything_in_common_are_not_compared_for_hours(surface: Surface) -> None:
    outputs = {
        "crtr": b"".join(b"a%d\n" % n for n in range(20_000)),
        "prtr": b"".join(b"b%d\n" % n for n in range(20_000)),
    }
    text = shown(Diff(surface, NODES), surface, outputs)
    assert "-a0\n+b0\n@@ too much to compare" in text


def test_long_outputs_with_one_difference_are_compared(surface: Surface) -> None:
    lines = [b"%d" % n for n in range(200_000)]
    other = [*lines]
    other[100_000] = b"different"
    text = shown(
        Diff(surface, NODES), surface, {"crtr": b"\n".join(lines) + b"\n", "prtr": b"\n".join(other) + b"\n"}
    )
    assert "@@ -99998,7 +99998,7 @@\n 99997\n 99998\n 99999\n-100000\n+different\n 100001\n" in text


def test_colours_are_for_terminals() -> None:
    surface = Surface(colour_out=True)
    text = shown(Diff(surface, NODES), surface, {"crtr": b"a\n", "prtr": b"b\n"})
    assert "\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n" in text


lines = st.lists(st.sampled_from((b"a", b"b", b"c")), max_size=14)


@given(lines, lines)
def test_hunks_are_those_of_the_standard_library(ours: list[bytes], theirs: list[bytes]) -> None:
    a, b = ([line.decode() for line in side] for side in (ours, theirs))
    mine = list(unified(ours, theirs))
    wanted = list(difflib.unified_diff(a, b, lineterm=""))[2:]
    # The common start and end are cut off first, so an equally good other hunk may be found.
    assert bool(mine) == bool(wanted)
    assert _applied(ours, mine) == theirs


def _applied(ours: list[bytes], hunks: list[bytes]) -> list[bytes]:
    made: list[bytes] = []
    at = 0
    for line in hunks:
        if line.startswith(b"@@"):
            first, size = [*(int(n) for n in line.split()[1][1:].split(b",")), 1][:2]
            start = first - 1 if size else first
            made += ours[at:start]
            at = start
        elif line.startswith(b"+"):
            made.append(line[1:])
        else:
            assert ours[at] == line[1:]
            at += 1
            if line.startswith(b" "):
                made.append(line[1:])
    return made + ours[at:]


def test_split_keeps_carriage_returns() -> None:
    assert split(b"a\r\nb\x0c") == [b"a\r", b"b\x0c"]
    assert split(b"") == []
