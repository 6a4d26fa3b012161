"""The bench runs, and what it prints can be believed: a tool that did not answer for every host is no row."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from bench.measure import Program, WrongAnswer, once
from bench.table import Row, markdown
from tests.support import ROOT, need

pytestmark = pytest.mark.integration


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


def test_who_does_not_answer_for_all_is_not_timed(environ: Mapping[str, str]) -> None:
    liar = Program("liar", ["sh", "-c", "echo a: hi; echo b: ho"], answers=2)
    with pytest.raises(WrongAnswer, match="liar: 1 of 2 answers"):
        once(liar, environ["HOME"])
    sample = once(liar._replace(answers=1), environ["HOME"])
    assert 0 < sample.wall < 10
    assert sample.memory > 0


def test_the_table_says_whether_an_aim_was_reached() -> None:
    rows = [Row("a", 0.25, 0.5), Row("b", 30, 25, "ms"), Row("c", 0.0421)]
    cells = [[cell.strip() for cell in line.split("|")[1:5]] for line in markdown(rows).splitlines()[2:]]
    assert cells == [
        ["a", "0.25", "at most 0.50", "yes"],
        ["b", "30 ms", "at most 25 ms", "no"],
        ["c", "0.042", "", ""],
    ]
