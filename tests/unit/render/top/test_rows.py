"""A node's row in ``stentor top``."""

from __future__ import annotations

import pytest

from stentor.api.poller import Last, latest
from stentor.fleet.model import Node
from stentor.journal.operation import NodeRecord, Record
from stentor.outcome import Outcome
from stentor.probe.facts import Disk, Facts
from stentor.probe.gpus import Gpu
from stentor.probe.status import Status
from stentor.render.top.rows import cells, detail, gpu, heading, shown, widths

NODE = Node("drtr", "director", role="gpu")
FACTS = Facts(
    os="Debian 12.11",
    load=5.0,
    cores=2,
    memory_used=96,
    memory_total=100,
    root=Disk("/", 21, 100, 21),
    uptime=7200.0,
    complete=True,
)
UP = Status(Outcome("drtr", "ok"), FACTS, 0.0)
DOWN = Status(Outcome("drtr", "unreachable", reason="no answer in 5 s", hint="is it on?"))


def test_a_node_that_is_up() -> None:
    row = cells(NODE, UP, Last(1000.0, "failed", "uptime\x1b[2J"), 1180.0)
    texts = [field.text for field in row]
    assert texts == ["drtr", "up", "2.50", "96%", "21%", "-", r"3m failed: uptime\x1b[2J"]
    assert [field.style for field in row] == ["", "good", "bad", "bad", "", "quiet", "bad"]


def test_a_node_that_is_not() -> None:
    row = cells(NODE, DOWN, None, 0.0)
    assert [field.text for field in row] == ["drtr", "unreachable", "", "", "", "", ""]
    assert detail(NODE, DOWN) == "drtr: no answer in 5 s · is it on?"
    assert cells(NODE, None, None, 0.0)[1].text == "..."


def test_warnings_come_first_in_the_line_on_a_node() -> None:
    full = UP._replace(facts=FACTS._replace(root=Disk("/", 99, 100, 99)))
    assert detail(NODE, full).startswith("drtr: / is 99% full · Debian 12.11")


@pytest.mark.parametrize(
    ("cards", "text", "style"),
    [
        ((), "-", "quiet"),
        ((Gpu(87, 12 << 30, 24 << 30),), "87% 12G", ""),
        ((Gpu(87, 24 << 30, 24 << 30),), "87% 24G", "bad"),
        ((Gpu(100, 1 << 30, 24 << 30), Gpu(50, 1 << 30, 24 << 30)), "2x 75%", ""),
        ((Gpu(None, None, None),), "?", ""),
    ],
)
def test_graphics_processors(cards: tuple[Gpu, ...], text: str, style: str) -> None:
    assert gpu(cards) == (text, style)


@pytest.mark.parametrize(
    ("words", "seen"),
    [("", True), ("DIR", True), ("gpu up", True), ("gpu down", False), ("!up", False), ("!", False)],
)
def test_the_filter(words: str, seen: bool) -> None:
    assert shown(words, NODE, cells(NODE, UP, None, 0.0)) is seen


def record(number: int, kind: str, *nodes: NodeRecord, state: str = "done") -> Record:
    return Record(
        *(number, kind, "x", "@all", {}, "/fleet", "", "me", "here", "", "/"),
        *(float(number), None, None, state, ""),
        nodes=nodes,
    )


def test_the_last_operation_of_each_node() -> None:
    records = [
        record(3, "run", NodeRecord("a"), state="running"),
        record(2, "dotfiles", NodeRecord("a", "ok", at=2.5), NodeRecord("b", "failed", at=2.5)),
        record(1, "run", NodeRecord("b", "ok"), NodeRecord("c")),
    ]
    assert latest(records) == {
        "a": Last(3.0, "running", "x"),
        "b": Last(2.5, "failed", "dotfiles x"),
        "c": Last(1.0, "missing", "x"),
    }


def test_the_heading_counts() -> None:
    assert heading("@gpu", {"a": UP, "b": DOWN}, 3, 5.0, False) == (
        "stentor top @gpu · 1 of 3 up · 1 not reached or broken · every 5 s"
    )


@pytest.mark.parametrize("looking", [True, False])
def test_a_narrow_heading_has_fewer_words_and_keeps_its_form_while_it_looks(looking: bool) -> None:
    text = heading("@gpu", {"a": UP, "b": DOWN}, 3, 5.0, looking, ["2 marked"], 58)
    assert text == "@gpu · 1/3 up · 1 not ok · every 5 s · 2 marked" + " · looking" * looking
    assert len(text) <= 58


@pytest.mark.parametrize("columns", [53, 73, 113])
def test_all_columns_fit_and_the_last_has_the_rest(columns: int) -> None:
    found = widths(columns)
    assert sum(found.values()) + 2 * (len(found) - 1) == columns
    assert ("GPU" in found) == (columns > 53)
    assert [*found][-1] == "LAST"
