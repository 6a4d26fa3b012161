"""The journal on a real file: whole after kill -9, and never a reason to fail."""

import gc
import os
import random
import sqlite3
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stentor import journal
from stentor.api.reap import reap_operations
from stentor.errors import Refused, StentorError, UsageError
from stentor.fleet.policy.sections import Journal as Policy
from stentor.fleet.policy.values import Keep
from stentor.journal import file
from stentor.journal.operation import NodeRecord, members
from stentor.journal.query import Filter, find, history, steps
from stentor.journal.schema import MIGRATIONS
from stentor.journal.store import OPEN_AT_MOST
from stentor.outcome import Outcome


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path), "USER": "crtr", "SSH_CONNECTION": "10.0.0.9 1 10.0.0.1 22"}


def opened(
    environ: dict[str, str], policy: Policy | None = None, fleet: str = "/f", **more: Any
) -> journal.Journal:
    return journal.open(environ, policy or Policy(), fleet, **more)


@pytest.fixture
def book(environ: dict[str, str]) -> Iterator[journal.Journal]:
    made = opened(environ)
    yield made
    made.close()


def operation(**more: Any) -> journal.Operation:
    plain: dict[str, Any] = {
        "kind": "run",
        "command": "uptime",
        "selector": "@all",
        "nodes": ("a", "b", "c"),
        "fleet": "/f",
    }
    return journal.Operation(**{**plain, **more})


@pytest.mark.parametrize("version", [0, 1])
def test_a_file_which_cannot_be_brought_up_is_no_reason_to_fail(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """A disk which was full when the journal was made, and is read-only now; or an older journal on one."""
    path = tmp_path / "stentor" / "journal.db"
    opened(environ, migrations=MIGRATIONS[:version]).close()
    real = file._open
    monkeypatch.setattr(file, "_resting", lambda path: True)
    monkeypatch.setattr(
        file, "_open", lambda place: real(place if place.startswith("file:") else f"file:{place}?mode=ro")
    )
    made = opened(environ)
    assert not made.on
    assert made.problem == f"it is read-only ({path})"
    assert made.begin(operation()) == 0


def test_an_operation_is_there_before_it_acts(book: journal.Journal, environ: dict[str, str]) -> None:
    number = book.begin(operation(options={"window": 3}, fleet="/f", revision="abc"))
    other = opened(environ)
    record = find(other, str(number), "/f")
    other.close()
    assert (record.kind, record.command, record.selector, record.options) == (
        "run",
        "uptime",
        "@all",
        {"window": 3},
    )
    assert (record.user, record.host, record.origin) == ("crtr", os.uname().nodename, "10.0.0.9")
    assert (record.fleet, record.revision, record.state, record.ended) == ("/f", "abc", "running", None)
    assert [node.node for node in record.nodes] == ["a", "b", "c"]
    assert members(record, "missing") == ("a", "b", "c")


def test_outcomes_as_they_come_and_the_sets_of_them(book: journal.Journal) -> None:
    number = book.begin(operation(nodes=("a", "b", "c", "d", "e", "f")))
    book.outcome(number, Outcome("a", "ok", 0, started=True, seconds=1.5), b"out\xff", b"err")
    book.outcome(number, Outcome("b", "failed", 3, "exit 3", "look"))
    book.outcome(number, Outcome("c", "refused"))
    book.outcome(number, Outcome("d", "skipped"))
    book.outcome(number, Outcome("e", "cancelled", started=True))
    book.end(number, 1)
    record = find(book, "@last", "/f")
    assert (record.state, record.exit_code) == ("done", 1)
    first = record.nodes[0]
    assert (first.kind, first.code, first.seconds, first.started) == ("ok", 0, 1.5, True)
    assert (first.stdout.data, first.stderr.data) == (b"out\xff", b"err")
    sets = {name: members(record, name) for name in ("ok", "failed", "unreachable", "missing")}
    assert sets == {"ok": ("a",), "failed": ("b", "e"), "unreachable": ("c",), "missing": ("f",)}


def test_a_gate_amends_the_outcome_and_leaves_the_output(book: journal.Journal) -> None:
    number = book.begin(operation())
    book.outcome(number, Outcome("a", "ok", 0), b"out")
    book.amend(number, Outcome("a", "failed", 3, "gate: exit 3"))
    node = find(book, "@last", "/f").nodes[0]
    assert (node.kind, node.reason, node.stdout.data) == ("failed", "gate: exit 3", b"out")


def node_rows(book: journal.Journal) -> list[tuple[str, str, int]]:
    """What another process sees: of each node its name, the kind of its outcome, its process."""
    with closing(sqlite3.connect(book.path)) as other:
        return other.execute("SELECT node, kind, pid FROM nodes ORDER BY position").fetchall()


def test_what_is_held_is_written_together_and_in_order(book: journal.Journal) -> None:
    number = book.begin(operation())
    book.hold(True)
    book.started(number, "a", 7)
    book.outcome(number, Outcome("a", "ok", 0))
    book.started(number, "b", 8)
    assert node_rows(book) == [("a", "", 0), ("b", "", 0), ("c", "", 0)]
    book.hold(True)  # who waits now
    assert node_rows(book) == [("a", "ok", 7), ("b", "", 8), ("c", "", 0)]
    book.outcome(number, Outcome("b", "ok", 0))
    book.amend(number, Outcome("b", "failed", 3))
    assert node_rows(book)[1] == ("b", "failed", 8)
    book.started(number, "c", 9)
    assert book.rows("SELECT pid FROM nodes WHERE node = 'c'") == [(9,)]
    book.hold(False)
    book.outcome(number, Outcome("c", "ok", 0))
    assert node_rows(book)[2] == ("c", "ok", 9)


def test_the_end_writes_what_is_held(book: journal.Journal) -> None:
    number = book.begin(operation())
    book.hold(True)
    book.outcome(number, Outcome("a", "ok", 0), b"out")
    book.end(number, 0)
    record = find(book, "@last", "/f")
    assert (record.state, record.nodes[0].kind, record.nodes[0].stdout.data) == ("done", "ok", b"out")


def test_one_that_cannot_be_written_takes_no_other_with_it(book: journal.Journal) -> None:
    number = book.begin(operation())
    assert book._database
    book._database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 5000)
    book.hold(True)
    book.outcome(number, Outcome("a", "ok", 0), b"out")
    book.outcome(number, Outcome("b", "ok", 0), b"x" * 6000)
    book.outcome(number, Outcome("c", "ok", 0), b"out")
    book.hold(False)
    assert "too big" in book.problem
    assert book.on
    kept = {node.node: (node.kind, node.stdout.data) for node in find(book, "@last", "/f").nodes}
    assert kept == {"a": ("ok", b"out"), "b": ("ok", b""), "c": ("ok", b"out")}


# A value other than the default for each field of an outcome: a new field must be added here, too.
FULL = {
    "node": "a",
    "kind": "timed-out",
    "code": 7,
    "reason": "ran longer than 3 s",
    "hint": "--timeout",
    "seconds": 3.25,
    "started": True,
    "remote": "ended by TERM",
    "attempts": 4,
}


def test_every_field_of_an_outcome_is_stored_and_read_back(book: journal.Journal) -> None:
    assert tuple(FULL) == Outcome._fields
    assert all(FULL[field] != default for field, default in Outcome._field_defaults.items())
    outcome = Outcome(**FULL)  # type: ignore[arg-type]
    for write in (book.outcome, book.amend):
        number = book.begin(operation())
        write(number, outcome)
        assert find(book, str(number), "/f").nodes[0].outcome == outcome


def test_a_node_record_begins_with_the_fields_of_an_outcome(book: journal.Journal) -> None:
    assert NodeRecord._fields[: len(Outcome._fields)] == Outcome._fields
    columns = [name for _, name, *_ in book.rows("PRAGMA table_info(nodes)")]
    assert [name for name in columns if name in Outcome._fields] == list(Outcome._fields)


def test_secrets_in_an_amended_outcome_are_stored_nowhere(
    book: journal.Journal, environ: dict[str, str]
) -> None:
    number = book.begin(operation(secrets=("hunter2",)))
    book.amend(number, Outcome("a", "failed", 1, "hunter2?", "hunter2!", remote="hunter2"))
    book.close()
    stored = [file.read_bytes() for file in Path(environ["XDG_STATE_HOME"]).rglob("journal*")]
    assert stored
    assert not any(b"hunter2" in data for data in stored)


def test_output_is_kept_up_to_the_limit(environ: dict[str, str]) -> None:
    book = opened(environ, Policy(max_size=8))
    number = book.begin(operation())
    book.outcome(number, Outcome("a", "ok"), b"abcdefgh", b"1234")
    node = find(book, "@last", "/f").nodes[0]
    book.close()
    assert (node.stdout.data, node.stdout.cut) == (b"abgh", 4)
    assert (node.stderr.data, node.stderr.cut) == (b"1234", 0)


def test_secrets_are_stored_nowhere(book: journal.Journal, environ: dict[str, str]) -> None:
    number = book.begin(operation(command="echo hunter2", options={"x": "hunter2"}, secrets=("hunter2",)))
    book.outcome(number, Outcome("a", "failed", 1, "hunter2?", "hunter2!"), b"hunter2", b"hunter2")
    book.step(number, "a", "hunter2")
    book.close()
    assert all(
        b"hunter2" not in file.read_bytes() for file in Path(environ["XDG_STATE_HOME"]).rglob("journal*")
    )


def test_a_short_secret_does_not_break_what_is_recorded(book: journal.Journal) -> None:
    options = {"canary": 1, "nested": {"words": ['say "1"', True]}}
    book.begin(operation(options=options, secrets=("1", '"', "t")))
    (record,) = history(book)
    hidden = "say [secret][secret][secret]"
    assert record.options == {"canary": 1, "nested": {"words": [hidden, True]}}


def test_the_file_is_the_users_alone(book: journal.Journal) -> None:
    assert os.stat(book.path).st_mode & 0o777 == 0o600


def test_finding(book: journal.Journal) -> None:
    first = book.begin(operation(fleet="/f"))
    book.outcome(first, Outcome("a", "timed-out"))
    second = book.begin(operation(kind="copy", command="copy x", selector="@gpu", nodes=("z",), fleet="/g"))
    assert [record.id for record in history(book)] == [second, first]
    for wanted, found in (
        (Filter(nodes=("z",)), [second]),
        (Filter(nodes=("q",)), []),
        (Filter(outcome="failed"), [first]),
        (Filter(outcome="missing", nodes=("b",)), [first]),
        (Filter(outcome="ok"), []),
        (Filter(selector="@gpu"), [second]),
        (Filter(command="upt"), [first]),
        (Filter(kinds=("copy", "fetch")), [second]),
        (Filter(since=time.time() + 5), []),
        (Filter(until=time.time() + 5), [second, first]),
        (Filter(fleet="/f"), [first]),
    ):
        assert [record.id for record in history(book, wanted)] == found, wanted
    assert find(book, "@last~1", None).id == first
    assert find(book, "@last", None).id == second
    assert find(book, "@last", "/f").id == first
    assert find(book, "@last", "/g").id == second


def test_the_last_of_nothing(book: journal.Journal) -> None:
    with pytest.raises(UsageError, match="no operation in this fleet yet"):
        find(book, "@last", "/f")


@pytest.mark.parametrize("reference", ["99", "@last~9", "@first", "-1", "", "1; DROP TABLE nodes", "9" * 40])
def test_an_operation_that_is_not_there(book: journal.Journal, reference: str) -> None:
    book.begin(operation())
    with pytest.raises(UsageError):
        find(book, reference, "/f")


def test_the_oldest_are_let_go(environ: dict[str, str]) -> None:
    book = opened(environ, Policy(keep=Keep(operations=2)))
    for _ in range(4):
        book.end(book.begin(operation()))
    assert [record.id for record in history(book)] == [4, 3]
    assert book.rows("SELECT count(*) FROM nodes") == [(6,)]
    book.close()
    now = [0.0]
    book = opened(environ, Policy(keep=Keep(seconds=30 * 86400)), clock=lambda: now[0])
    book.end(book.begin(operation()))
    now[0] = 31 * 86400
    book.end(book.begin(operation()))
    assert 5 not in [record.id for record in history(book)]
    book.close()


def ids(environ: dict[str, str], fleet: str) -> list[int]:
    book = journal.read(environ)
    found = [record.id for record in history(book, Filter(fleet=fleet))]
    book.close()
    return found


def test_each_fleet_keeps_what_its_own_policy_says(environ: dict[str, str]) -> None:
    one = opened(environ, Policy(keep=Keep(operations=1)), "/f")
    other = opened(environ, Policy(keep=Keep()), "/g")
    for book, fleet in ((other, "/g"), (one, "/f"), (other, "/g"), (one, "/f"), (one, "/f")):
        book.end(book.begin(operation(fleet=fleet)))
    assert (ids(environ, "/f"), ids(environ, "/g")) == ([5], [3, 1])
    aged = opened(environ, Policy(keep=Keep(seconds=1.0)), "/f", clock=lambda: time.time() + 60)
    aged.end(aged.begin(operation()))
    assert (ids(environ, "/f"), ids(environ, "/g")) == ([6], [3, 1])
    for book in (one, other, aged):
        book.close()


def test_ending_an_operation_of_another_fleet_deletes_nothing_of_it(environ: dict[str, str]) -> None:
    book = opened(environ, Policy(keep=Keep(operations=1)), "/f")
    for _ in range(3):
        book.end(book.begin(operation(fleet="/g")))
    assert ids(environ, "/g") == [3, 2, 1]
    book.close()


def test_an_operation_that_may_still_run_is_not_deleted(environ: dict[str, str]) -> None:
    now = [1000.0]
    book = opened(environ, Policy(keep=Keep(operations=1)), clock=lambda: now[0])
    running = book.begin(operation())
    book.end(book.begin(operation()))
    assert ids(environ, "/f") == [2, running]
    now[0] += OPEN_AT_MOST + 1
    book.end(book.begin(operation()))
    assert ids(environ, "/f") == [3]
    book.close()


def test_an_operation_of_another_fleet_is_refused_by_number(book: journal.Journal, tmp_path: Path) -> None:
    number = book.begin(operation(fleet=str(tmp_path)))
    with pytest.raises(Refused, match=f"operation {number} belongs to another fleet, {tmp_path}") as caught:
        find(book, str(number), "/f")
    assert caught.value.hint == f"--fleet {tmp_path}"
    (tmp_path / "link").symlink_to(tmp_path)
    for fleet in (str(tmp_path), str(tmp_path / "link"), None):
        assert find(book, str(number), fleet).id == number
    assert find(book, str(number), "/f", other_fleets=True).id == number


def test_reading_an_absent_journal_creates_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    reader = journal.read(environ)
    assert reader.on
    assert history(reader) == []
    assert reader.recall("/f", "facts") == {}
    with pytest.raises(UsageError, match="no operation in the journal yet"):
        find(reader, "@last", None)
    reader.close()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_change_the_file(book: journal.Journal, environ: dict[str, str]) -> None:
    book.begin(operation())
    reader = journal.read(environ)
    with pytest.raises(StentorError, match="it is read-only"):
        reader.rows("DELETE FROM operations")
    reader.close()
    assert len(history(book)) == 1


@pytest.mark.parametrize("reading", [False, True])
def test_a_journal_of_the_last_version_is_migrated(environ: dict[str, str], reading: bool) -> None:
    path = Path(environ["XDG_STATE_HOME"]) / "stentor" / "journal.db"
    path.parent.mkdir()
    made = sqlite3.connect(path)
    made.executescript(Path(__file__).with_name("schema_2.sql").read_text())
    made.close()
    book = journal.read(environ) if reading else opened(environ)
    assert book.problem == ""
    assert book.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
    record = find(book, "1", "/f")
    assert (record.command, record.options, record.state) == ("uptime", {"words": ["-f", "3"]}, "done")
    assert (record.user, record.word, record.exit_code, record.note) == ("ada", "stentor-1", 1, "note")
    first, second = record.nodes
    assert (first.kind, first.seconds, first.pid, first.stdout.data) == ("ok", 1.5, 77, b"out")
    assert (second.kind, second.code, second.hint) == ("failed", 3, "look")
    assert [text for _, _, text in steps(book, 1)] == ["fetched"]
    assert book.recall("/f", "facts")["a"][1] == {"os": "debian"}
    assert find(book, "@last", "/g").id == 2
    assert find(book, "@last", "/f").kind == "copy"
    book.close()


def test_steps_and_memories(book: journal.Journal) -> None:
    number = book.begin(operation())
    book.step(number, "a", "fetched")
    assert [(node, text) for _, node, text in steps(book, number)] == [("a", "fetched")]
    book.remember("/f", "a", "facts", {"os": "debian"})
    book.remember("/f", "a", "facts", {"os": "debian 13"})
    assert book.recall("/f", "facts")["a"][1] == {"os": "debian 13"}


def test_an_older_schema_is_brought_up(environ: dict[str, str]) -> None:
    book = opened(environ)
    book.end(book.begin(operation()), 0)
    book.close()
    book = opened(environ, migrations=(*MIGRATIONS, "ALTER TABLE operations ADD COLUMN mood TEXT"))
    assert book.rows("PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]
    assert find(book, "1", "/f").command == "uptime"
    book.close()
    older = opened(environ)
    assert "newer stentor" in older.problem
    assert older.begin(operation()) == 0
    with pytest.raises(StentorError, match="newer stentor"):
        find(older, "@last", "/f")


def off(book: journal.Journal) -> str:
    """Everything can be called on a journal that is off."""
    number = book.begin(operation())
    book.outcome(number, Outcome("a", "ok"), b"x")
    book.step(number, "a", "x")
    book.end(number)
    assert number == 0
    assert history(book) == []
    book.leave()
    book.close()
    return book.problem


def test_a_place_that_cannot_be_written_is_said_and_borne(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = off(opened({"XDG_STATE_HOME": str(tmp_path / "file")}))
    assert said == f"not a directory ({tmp_path}/file/stentor)"


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "stentor" / "journal.db"
    path.parent.mkdir()
    path.write_bytes(b"poetry " * 1000)
    assert "not a database" in off(opened({"XDG_STATE_HOME": str(tmp_path)}))
    assert path.read_bytes() == b"poetry " * 1000


@pytest.mark.parametrize("damage", ["all", "tables", "pages"])
def test_a_damaged_journal_says_how_to_begin_a_new_one(damage: str, tmp_path: Path) -> None:
    state = tmp_path / "it's here"
    environ = {"XDG_STATE_HOME": str(state)}
    book = opened(environ)
    for _ in range(40):
        book.outcome(book.begin(operation()), Outcome("a", "ok"), b"x" * 2000)
    path = Path(book.path)
    book.close()
    if damage == "tables":
        with closing(sqlite3.connect(path)) as database:
            database.execute("DROP TABLE steps")
            database.execute("DROP TABLE nodes")
            database.commit()
    else:
        data = path.read_bytes()
        path.write_bytes(b"?" * len(data) if damage == "all" else data[:4096] + b"?" * (len(data) - 4096))
    damaged = path.read_bytes()
    book = opened(environ)
    book.begin(operation())
    said = book.problem
    book.close()
    assert str(path) in said
    subprocess.run(["sh", "-ec", said.partition("keep this: ")[2]], check=True)
    assert (path.parent / "broken" / path.name).read_bytes() == damaged
    book = opened(environ)
    assert book.begin(operation()) == 1
    assert book.problem == ""
    book.close()


def test_what_a_journal_that_was_cut_off_lacks_is_not_said_to_be_missing(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    book = opened(environ)
    for _ in range(40):
        book.outcome(book.begin(operation()), Outcome("a", "ok"), b"x" * 2000)
    path = Path(book.path)
    book.close()
    path.write_bytes(path.read_bytes()[:5000])
    reader = journal.read(environ)
    with pytest.raises(StentorError, match=r"malformed.*to begin a new one and keep this"):
        find(reader, "1", fleet=None)
    reader.close()
    with pytest.raises(StentorError, match="malformed"):
        list(reap_operations(environ))


@pytest.mark.parametrize("kind", ["folder", "fifo", "device"])
def test_what_is_no_file_in_the_place_of_the_journal_is_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stentor" / "journal.db"
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/full")
    reader = journal.read({"XDG_STATE_HOME": str(tmp_path)})
    with pytest.raises(StentorError, match=r"it is no regular file .*to begin a new one and keep this"):
        reader.require()
        reader.rows("SELECT * FROM operations")


WRITER = """
import os, sys, time
from stentor import journal
from stentor.api.reap import reap_operations
from stentor.fleet.policy.sections import Journal as Policy
from stentor.outcome import Outcome
book = journal.open({"XDG_STATE_HOME": sys.argv[1]}, Policy(max_size=400 * 1024), "/f")
print(book.problem or "ready", flush=True)
for _ in range(int(sys.argv[2])):
    nodes = tuple(f"n{i}" for i in range(20))
    number = book.begin(journal.Operation("run", "x", "@all", nodes))
    for node in nodes:
        book.outcome(number, Outcome(node, "ok", 0), os.urandom(3000), b"")
    book.end(number, 0)
print(book.problem or "well", flush=True)
"""


def start(state: Path, rounds: int, **more: Any) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(state), str(rounds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **more)


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [start(tmp_path, 15) for _ in range(3)]
    assert [writer.communicate()[0].splitlines() for writer in writers] == [["ready", "well"]] * 3
    book = opened({"XDG_STATE_HOME": str(tmp_path)})
    records = history(book, limit=100)
    book.close()
    assert len(records) == 45
    assert all(
        record.state == "done" and all(node.kind == "ok" for node in record.nodes) for record in records
    )


def test_a_kill_at_any_moment_leaves_it_whole(tmp_path: Path) -> None:
    dice = random.Random(3)
    for _ in range(12):
        writer = start(tmp_path, 1000)
        assert writer.stdout
        with writer.stdout:
            assert writer.stdout.readline() == "ready\n"
            time.sleep(dice.random() * 0.08)
            writer.kill()
            writer.wait()
    book = opened({"XDG_STATE_HOME": str(tmp_path)})
    assert book.rows("PRAGMA integrity_check") == [("ok",)]
    assert book.rows("PRAGMA foreign_key_check") == []
    states = [record.state for record in history(book, limit=10000)]
    book.close()
    assert states.count("interrupted") <= 12
    assert set(states) <= {"done", "interrupted"}


@pytest.mark.parametrize("holding", [False, True])
def test_what_comes_while_another_process_writes_is_written_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, holding: bool
) -> None:
    monkeypatch.setattr(file, "BUSY", 0.01)
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    book = opened(environ)
    number = book.begin(operation())
    with closing(sqlite3.connect(book.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        book.hold(holding)
        book.started(number, "a", 7)
        book.outcome(number, Outcome("a", "ok"), b"said")
        book.outcome(number, Outcome("b", "ok"))
        book.amend(number, Outcome("b", "failed", 1))
        book.step(number, "a", "on the way")
        book.hold(False)
        assert (book.on, book.problem) == (True, "")
        other.execute("ROLLBACK")
    book.end(number, 1)
    assert book.problem == ""
    book.close()
    record = find(journal.read(environ), str(number), fleet=None)
    assert [(node.node, node.kind, node.pid, node.stdout.data) for node in record.nodes][:2] == [
        ("a", "ok", 7, b"said"),
        ("b", "failed", 0, b""),
    ]
    assert (record.state, record.exit_code) == ("done", 1)
    assert [text for _, _, text in steps(journal.read(environ), number)] == ["on the way"]


def test_another_process_that_never_ends_its_write_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(file, "BUSY", 0.01)
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    book = opened(environ)
    number = book.begin(operation())
    with closing(sqlite3.connect(book.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        book.outcome(number, Outcome("a", "ok"))
        book.end(number, 0)
        assert "locked" in book.problem
        assert opened(environ).begin(operation()) == 0


def test_a_part_that_cannot_be_read_keeps_nothing_from_being_written(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    book = opened(environ)
    for number in range(200):
        book.remember("/fleet", f"n{number}", "topic", {"text": "x" * 50})
    path = Path(book.path)
    book.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'memories'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as opened_file:
        opened_file.seek((root - 1) * size)
        opened_file.write(b"?" * size)
    book = opened(environ)
    number = book.begin(operation())
    assert book.recall("/fleet", "topic") == {}
    assert "malformed" in book.problem
    book.outcome(number, Outcome("a", "ok"))
    book.end(number, 0)
    book.close()
    record = find(journal.read(environ), str(number), fleet=None)
    assert (record.state, record.nodes[0].kind) == ("done", "ok")


def test_a_disk_that_is_full_turns_it_off(tmp_path: Path) -> None:
    import resource

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    writer = start(tmp_path, 50, preexec_fn=small_disk)
    said = writer.communicate()[0].splitlines()
    assert writer.returncode == 0
    assert said[0] == "ready"
    assert "disk" in said[1], said
    book = opened({"XDG_STATE_HOME": str(tmp_path)})
    assert book.rows("PRAGMA integrity_check") == [("ok",)]
    book.close()


def test_leaving_it_open_keeps_no_garbage_of_a_program_that_lives_on(environ: dict[str, str]) -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    gone: list[weakref.ref[Cycle]] = [weakref.ref(Cycle())]
    before = gc.get_freeze_count()
    book = opened(environ)
    book.begin(operation())
    book.leave()
    assert gc.get_freeze_count() == before
    gc.collect()
    assert gone[0]() is None
    journal.close_left()


def test_leaving_it_open_loses_nothing(environ: dict[str, str]) -> None:
    book = opened(environ)
    number = book.begin(operation())
    book.leave()
    other = sqlite3.connect(book.path)
    assert other.execute("SELECT id FROM operations").fetchall() == [(number,)]
    other.close()
    second = opened(environ)
    assert not book.on, "opening it again closes what was left"
    second.close()
