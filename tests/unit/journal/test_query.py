"""Which operations run, were killed, or are found; on a real file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stentor import journal
from stentor.errors import UsageError
from stentor.fleet.policy.sections import Journal as Policy
from stentor.journal.query import Filter, claim, done_since, find, history, running, steps, unended
from stentor.outcome import Outcome

GONE = "1 0 of-an-earlier-boot"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[journal.Journal]:
    made = journal.open({"XDG_STATE_HOME": str(tmp_path), "USER": "me"}, Policy(), "/f")
    yield made
    made.close()


def begin(book: journal.Journal, *nodes: str, kind: str = "run", fleet: str = "/f") -> int:
    made = journal.Operation(kind=kind, command="uptime", selector="@all", nodes=nodes or ("a",), fleet=fleet)
    return book.begin(made)


def change(book: journal.Journal, number: int, column: str, value: object) -> None:
    with closing(sqlite3.connect(book.path)) as database, database:
        database.execute(f"UPDATE operations SET {column} = ? WHERE id = ?", (value, number))


def test_running_are_those_of_this_machine_whose_process_lives(book: journal.Journal) -> None:
    here, killed, elsewhere, done = (begin(book) for _ in range(4))
    change(book, killed, "process", GONE)
    change(book, elsewhere, "host", f"not-{os.uname().nodename}")
    book.end(done)
    assert [record.id for record in running(book)] == [here]
    assert [record.id for record in unended(book)] == [killed]
    states = {record.id: record.state for record in history(book)}
    assert states == {here: "running", killed: "interrupted", elsewhere: "running", done: "done"}


def test_a_killed_operation_is_taken_over_once(book: journal.Journal) -> None:
    number = begin(book, "a", "b")
    change(book, number, "process", GONE)
    (record,) = unended(book)
    assert [node.node for node in record.nodes] == ["a", "b"]
    assert claim(book, record) is True
    assert claim(book, record) is False


def test_any_outcome_but_ok_is_not_ok_also_one_that_is_not_known(book: journal.Journal) -> None:
    good, bad, unknown = begin(book), begin(book), begin(book)
    book.outcome(good, Outcome("a", "ok", 0))
    book.outcome(bad, Outcome("a", "failed", 1))
    assert [record.id for record in history(book, Filter(outcome="not-ok"))] == [unknown, bad]
    assert [record.id for record in history(book, Filter(outcome="ok"))] == [good]


def test_lists_have_no_output_and_one_operation_has(book: journal.Journal) -> None:
    number = begin(book)
    book.outcome(number, Outcome("a", "ok", 0), b"out", b"err")
    (listed,) = history(book)[0].nodes
    (whole,) = find(book, str(number), None).nodes
    assert (listed.stdout.data, listed.stderr.data) == (b"", b"")
    assert (whole.stdout.data, whole.stderr.data) == (b"out", b"err")


def test_a_command_has_all_its_verbs(book: journal.Journal) -> None:
    apply, back, other = (begin(book, kind=kind) for kind in ("dotfiles apply", "dotfiles rollback", "dot"))
    assert [one.id for one in history(book, Filter(kinds=("dotfiles",)))] == [back, apply]
    assert [one.id for one in history(book, Filter(kinds=("dotfiles apply", "dot")))] == [other, apply]


def test_the_last_of_some_commands_is_found(book: journal.Journal) -> None:
    run, copy, other = begin(book), begin(book, kind="copy"), begin(book, fleet="/g")
    assert find(book, "@last", "/f").id == copy
    assert find(book, "@last", "/f", kinds=("run",)).id == run
    assert find(book, "@last", "/f", without=("copy",)).id == run
    assert find(book, "@last", None).id == other
    with pytest.raises(UsageError, match=r"^no operation @last~1 in the journal$"):
        find(book, "@last~1", "/f", kinds=("run",))
    with pytest.raises(UsageError, match=r"^no operation in this fleet yet$"):
        find(book, "@last", "/nowhere")


def test_what_was_done_since_has_the_latest_end_of_each_word(book: journal.Journal) -> None:
    first, second, third = begin(book, "a", "b"), begin(book, "a"), begin(book, "c", fleet="/g")
    for number, ended in ((first, 100.0), (second, 200.0), (third, 200.0)):
        change(book, number, "ended", ended)
    word = find(book, str(first), None).word
    for number in (first, second, third):
        change(book, number, "word", word)
    assert done_since(book, "/f", 100.0) == {"a": {word: 200.0}, "b": {word: 100.0}}
    assert done_since(book, "/f", 150.0) == {"a": {word: 200.0}}
    change(book, first, "ended", None)
    assert done_since(book, "/f", 150.0) == {"a": {word: None}, "b": {word: None}}


def test_steps_of_another_operation_are_not_among_them(book: journal.Journal) -> None:
    one, other = begin(book), begin(book)
    book.step(one, "a", "armed")
    book.step(other, "a", "applied")
    assert [(node, text) for _, node, text in steps(book, one)] == [("a", "armed")]
