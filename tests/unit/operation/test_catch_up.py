"""Nodes that were down while others got a change are remembered, and forgotten when they have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stentor import journal
from stentor.fleet.policy.sections import Journal as Policy
from stentor.journal import Journal
from stentor.operation.catch_up import CatchUp, Memory, lacking
from stentor.operation.events import Missed, NothingMissed
from stentor.outcome import Outcome

OK, FAILED, GONE = Outcome("a", "ok"), Outcome("b", "failed"), Outcome("c", "unreachable")


@pytest.mark.parametrize(
    ("outcomes", "down", "elsewhere", "late"),
    [
        ([OK], ("d",), False, ("d",)),
        ([OK, GONE], (), False, ("c",)),
        ([FAILED], ("d",), False, ()),
        ([FAILED], ("d",), True, ("d",)),
        ([], ("d",), True, ("d",)),
        ([OK, GONE], ("c",), False, ("c",)),
    ],
)
def test_nodes_lack_a_change_only_where_some_node_has_it(
    outcomes: Any, down: Any, elsewhere: bool, late: Any
) -> None:
    assert lacking(outcomes, down, elsewhere=elsewhere) == late


@pytest.fixture
def book(tmp_path: Path) -> Journal:
    return journal.open({"XDG_STATE_HOME": str(tmp_path)}, Policy(), "/f")


def catch_up(revision: str = "new", **more: Any) -> CatchUp:
    return CatchUp("/f", missed="missed", held="held", revision=revision, command="catch-up", **more)


def test_a_node_that_was_down_is_remembered_until_it_has_caught_up(book: Journal) -> None:
    memory = Memory(book, "/f")
    first = catch_up(down=("c",))
    first.begin(book)
    first.stands()
    assert memory.recall("missed")["c"][1]["rev"] == "new", "known before the end, should we be killed"
    assert list(first.end([OK])) == [Missed(("c",), "catch-up c")]
    assert memory.recall("held")["a"][1] == {"rev": "new", "op": ""}
    since = memory.recall("missed")["c"][1]["since"]
    memory.mark_missed("c", "missed", "newer")
    assert memory.recall("missed")["c"][1] == {"rev": "newer", "since": since}
    second = catch_up("newer")
    second.begin(book)
    assert list(second.end([Outcome("c", "ok")])) == []
    assert "c" not in memory.recall("missed")


def test_nothing_is_missed_where_no_node_holds_the_change(book: Journal) -> None:
    change = catch_up(down=("c",))
    change.begin(book)
    assert list(change.end([FAILED])) == [NothingMissed(("c",), "new")]
    assert Memory(book, "/f").recall("missed") == {}


def test_what_was_missed_before_stays_missed(book: Journal) -> None:
    memory = Memory(book, "/f")
    memory.mark_missed("c", "missed", "old")
    change = catch_up(down=("c",))
    change.begin(book)
    change.stands()
    assert list(change.end([FAILED])) == []
    assert memory.recall("missed")["c"][1]["rev"] == "old"


def test_nodes_elsewhere_that_hold_it_make_others_late(book: Journal) -> None:
    Memory(book, "/f").remember("x", "held", {"rev": "new"})
    change = catch_up(down=("c",))
    change.begin(book)
    assert list(change.end([FAILED])) == [Missed(("c",), "catch-up c")]


def test_settled_nodes_have_missed_nothing(book: Journal) -> None:
    memory = Memory(book, "/f")
    memory.mark_missed("s", "missed", "new")
    catch_up(settled=("s",)).begin(book)
    assert memory.recall("missed") == {}


def test_going_back_leaves_unknown_what_nodes_hold(book: Journal) -> None:
    memory = Memory(book, "/f")
    memory.remember("a", "held", {"rev": "new"})
    change = catch_up("", down=("c",))
    change.begin(book)
    change.stands()
    assert list(change.end([OK])) == []
    assert memory.recall("held") == {}
    assert memory.recall("missed") == {}


def test_entry_without_a_beginning_began_when_it_was_written(book: Journal) -> None:
    memory = Memory(book, "/f")
    memory.remember("c", "missed", {"rev": "old"})
    at = memory.recall("missed")["c"][0]
    memory.mark_missed("c", "missed", "new")
    assert memory.recall("missed")["c"][1] == {"rev": "new", "since": at}


def test_older_revision_that_was_missed_is_replaced_when_the_change_stands(book: Journal) -> None:
    Memory(book, "/f").mark_missed("c", "missed", "old")
    change = catch_up(down=("c",))
    change.begin(book)
    change.stands()
    assert Memory(book, "/f").recall("missed")["c"][1]["rev"] == "new"


def test_end_without_beginning_remembers_nothing() -> None:
    assert list(catch_up(down=("c",)).end([OK])) == []


def test_nodes_after_a_failed_one_are_remembered(book: Journal) -> None:
    change = catch_up(down=("c", "d"))
    change.begin(book)
    assert list(change.end([FAILED, OK])) == [Missed(("c", "d"), "catch-up c,d")]
    assert [*Memory(book, "/f").recall("held")] == ["a"]


def test_node_that_dropped_out_meanwhile_has_missed_it(book: Journal) -> None:
    change = catch_up()
    change.begin(book)
    assert list(change.end([OK, GONE])) == [Missed(("c",), "catch-up c")]
    assert Memory(book, "/f").recall("missed")["c"][1]["rev"] == "new"
