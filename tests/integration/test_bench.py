"""The bench runs, and what it prints can be believed: a tool that did not answer for every host is no row."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench import former, measure
from bench.measure import Program, WrongAnswer, once
from bench.table import Row, ahead, markdown, put
from stentor.lab import processes
from tests.support import ROOT, need

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """What starts the programs ends with each test."""
    yield
    measure.close()


def test_a_small_run_without_peers(environ: Mapping[str, str]) -> None:
    need("unshare", "ip", "sshd", "ssh-keygen")
    words = ["--quick", "--no-peers", "--rounds", "1"]
    for section, row in (("warm 5", "5 nodes warm: wall time"), ("bare", "the engine / a bare loop")):
        done = subprocess.run(
            [sys.executable, "-m", "bench", *words, "--only", section],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert row in done.stdout
        folder = done.stderr.partition("working in ")[2].split()[0]
        assert not os.path.exists(folder)
        table = processes.table()
        assert not [one for one in table.values() if any(f"{folder}/" in word for word in one.words)]


def test_a_former_build_that_the_history_lacks_is_left_out_with_the_reason(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    why = former.install(str(tmp_path), str(tmp_path / "venv"))
    assert why.startswith("the history here does not have it (")
    assert "de0d9ef" in why
    assert not (tmp_path / "venv").exists()


def test_who_does_not_answer_for_all_is_not_timed(environ: Mapping[str, str]) -> None:
    liar = Program("liar", ["sh", "-c", "echo a: hi; echo b: ho"], answers=2)
    with pytest.raises(WrongAnswer, match="liar: 1 of 2 answers"):
        once(liar, environ["HOME"])
    sample = once(liar._replace(answers=1), environ["HOME"])
    assert 0 < sample.wall < 10
    assert sample.memory > 0


def test_memory_is_the_programs_own(environ: Mapping[str, str]) -> None:
    held = bytearray(b"x" * 60_000_000)
    sample = once(Program("small", ["sh", "-c", "yes | head -n 1"]), environ["HOME"])
    assert sample.memory * 1024 < len(held) / 2


def test_program_that_is_not_there_is_named(environ: Mapping[str, str]) -> None:
    with pytest.raises(RuntimeError, match="no-such-program: "):
        once(Program("missing", ["no-such-program"]), environ["HOME"])


def test_the_table_says_whether_an_aim_was_reached() -> None:
    rows = [Row("a", 0.25, 0.5), Row("b", 30, 25, "ms"), Row("c", 0.0421)]
    cells = [[cell.strip() for cell in line.split("|")[1:5]] for line in markdown(rows).splitlines()[2:]]
    assert cells == [
        ["a", "0.25", "at most 0.50", "yes"],
        ["b", "30 ms", "at most 25 ms", "no"],
        ["c", "0.042", "", ""],
    ]


def test_the_result_takes_the_place_of_the_one_before_it() -> None:
    page = Path(ROOT, "docs/performance.md").read_text()
    found = put(page, "bench", "| a table |\n")
    assert "<!-- bench: begin -->\n\n| a table |\n\n<!-- bench: end -->\n" in found
    assert put(found, "bench", "| a table |\n") == found
    assert (found.partition("<!--")[0], found.rpartition("-->")[2]) == (
        page.partition("<!--")[0],
        page.rpartition("-->")[2],
    )
    with pytest.raises(ValueError, match="bench: begin"):
        put("# A page\n", "bench", "")


def test_who_is_ahead_is_another_tool_that_takes_less() -> None:
    rows = [
        Row("a / scp", 1.25, rival=True),
        Row("b / scp", 0.9, rival=True),
        Row("c / before", 1.5),
        Row("memory over scp", 7, unit="MB", rival=True),
    ]
    assert ahead(rows) == "- a / scp: 1.25\n"
    assert ahead(rows[1:]) == "- nobody\n"


def test_long_comparisons_take_fewer_turns(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = Path(environ["HOME"], "count")
    program = Program("counted", ["sh", "-c", f"echo >>{count}; sleep 0.05"])
    monkeypatch.setattr(measure, "LONG", 0.0)
    measure.alternate([program], 9, environ["HOME"])
    assert len(count.read_text()) == 2  # to warm up, and one turn
    monkeypatch.setattr(measure, "LONG", 60.0)
    measure.alternate([program], 3, environ["HOME"])
    assert len(count.read_text()) == 6
