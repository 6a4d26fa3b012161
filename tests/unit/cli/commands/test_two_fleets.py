"""Two fleets and one journal: each command means the operations of its own fleet."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stentor import journal
from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch
from stentor.errors import Refused, UsageError
from stentor.fleet.load import load
from stentor.fleet.policy.sections import Journal as Policy
from stentor.fleet.policy.values import Keep
from stentor.journal.query import Filter, history
from stentor.live import Live
from stentor.outcome import Outcome

Call = Callable[..., str]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def fleets(tmp_path: Path, environ: dict[str, str]) -> tuple[str, str]:
    """Operations 1 and 3 are of the first fleet, 2 and 4 of the other."""
    roots = str(tmp_path / "one"), str(tmp_path / "other")
    for root in roots:
        Path(root).mkdir()
        (Path(root) / "nodes.yaml").write_text("nodes: {a: , b: }\n")
    for root in roots * 2:
        book = journal.open(environ, Policy(), root)
        number = book.begin(journal.Operation("run", f"echo {root}", "@all", ("a", "b"), fleet=root))
        book.outcome(number, Outcome("a", "failed", 1), root.encode())
        book.end(number, 1)
        book.close()
    return roots


@pytest.fixture
def call(environ: dict[str, str]) -> Call:
    def call(*words: str, fleet: str | None = None) -> str:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        context = Context(out, err, io.TextIOWrapper(io.BytesIO()), environ)
        dispatch(words[0], words[1:], fleet, context)
        written: bytes = out.buffer.getvalue() + err.buffer.getvalue()
        return written.decode()

    return call


def ids(environ: dict[str, str], root: str) -> list[int]:
    book = journal.read(environ)
    found = [record.id for record in history(book, Filter(fleet=root))]
    book.close()
    return found


def test_last_is_of_the_fleet_at_hand(fleets: tuple[str, str], call: Call) -> None:
    one, other = fleets
    assert f"echo {one}" in call("show", fleet=one)
    assert f"echo {other}" in call("show", fleet=other)
    assert f"echo {one}" in call("show", "@last~1", fleet=one)
    assert f"echo {other}" in call("show")  # in no fleet: the last of all


def test_the_fleet_is_found_from_the_working_directory(
    fleets: tuple[str, str], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fleets[0])
    assert f"echo {fleets[0]}" in call("show")


@pytest.mark.parametrize(
    "words", [("show", "2"), ("diff", "2", "3"), ("diff", "3", "2"), ("rerun", "2", "-n")]
)
def test_an_operation_of_another_fleet_is_refused(
    fleets: tuple[str, str], call: Call, words: tuple[str, ...]
) -> None:
    one, other = fleets
    said = call(*words, fleet=one)
    assert said == f"stentor: operation 2 belongs to another fleet, {other}\nhint: --fleet {other}\n"


def test_rerun_outside_any_fleet_runs_in_the_operations_own(fleets: tuple[str, str], call: Call) -> None:
    assert "a" in call("rerun", "1", "-n")
    assert "a" in call("rerun", "-n")


def test_diff_of_the_last_two_is_of_one_fleet(fleets: tuple[str, str], call: Call) -> None:
    assert "no difference on 2 nodes" in call("diff", "@last~1", "@last", fleet=fleets[0])


def test_live_sets_are_of_the_fleet_at_hand(fleets: tuple[str, str], environ: dict[str, str]) -> None:
    fleet = load(fleets[0], environ=environ, cwd="/")
    live = Live(fleet, environ, None)
    assert tuple(live.look_up("failed:1") or ()) == ("a",)
    with pytest.raises(Refused, match="operation 2 belongs to another fleet"):
        live.look_up("failed:2")
    with pytest.raises(UsageError):
        live.look_up("failed:9")


def test_history_lists_all_fleets_or_only_this(fleets: tuple[str, str], call: Call) -> None:
    one, other = fleets
    assert {root for root in fleets if f"echo {root}" in call("history", fleet=one)} == {one, other}
    assert {root for root in fleets if f"echo {root}" in call("history", "--here", fleet=one)} == {one}


@pytest.mark.parametrize(
    ("keep", "left"), [("keep: 1", [5]), ("keep: forever", [5, 3, 1]), (None, [5, 3, 1])]
)
def test_reap_deletes_what_the_operations_fleet_does_not_keep(
    fleets: tuple[str, str], environ: dict[str, str], call: Call, keep: str | None, left: list[int]
) -> None:
    one, other = fleets
    nodes = Path(one) / "nodes.yaml"
    if keep:
        nodes.write_text(f"nodes: {{a: , b: }}\njournal: {{{keep}}}\n")
    else:
        nodes.unlink()  # a fleet that is gone does not say what it keeps
    book = journal.open(environ, Policy(keep=Keep()), one)
    number = book.begin(journal.Operation("run", "x", "a", ("a",), fleet=one))
    book.close()
    database = sqlite3.connect(Path(environ["XDG_STATE_HOME"]) / "stentor" / "journal.db")
    database.execute("UPDATE operations SET process = '' WHERE id = ?", (number,))
    database.commit()
    database.close()
    call("reap")
    assert ids(environ, one) == left
    assert ids(environ, other) == [4, 2]
