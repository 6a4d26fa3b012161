"""Trees of processes."""

from __future__ import annotations

import os
import subprocess
import sys

from stentor.lab import processes
from stentor.lab.processes import Process


def made(*pairs: tuple[int, int]) -> dict[int, Process]:
    return {pid: Process(pid, parent, "S", ()) for pid, parent in pairs}


def test_tree_is_all_descendants() -> None:
    table = made((1, 0), (2, 1), (3, 2), (4, 2), (5, 1), (6, 5))
    assert processes.tree(table, [2]) == {2, 3, 4}
    assert processes.tree(table, [3, 5]) == {3, 5, 6}
    assert processes.tree(table, [99]) == set()


def test_tree_survives_a_circle() -> None:
    assert processes.tree(made((1, 2), (2, 1)), [1]) == {1, 2}


def test_this_process_is_in_the_table() -> None:
    table = processes.table()
    assert table[os.getpid()].parent == os.getppid()
    assert table[os.getpid()].words


def test_odd_names_and_marks_are_read() -> None:
    code = "import sys; print('here', flush=True); sys.stdin.read()"
    words = ["a (b) c\nd", "-c", code]
    environ = {**os.environ, "STENTOR_MARK": "x y"}
    with subprocess.Popen(
        words, executable=sys.executable, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stdout.readline() == b"here\n"
        table = processes.table()
        assert table[process.pid].words == tuple(words)
        assert processes.marked(table, "STENTOR_MARK=x y") == {process.pid}
        assert processes.alive(process.pid)
        processes.kill([process.pid])
        assert processes.wait_gone([process.pid]) == set()
        assert not processes.alive(process.pid)
        process.returncode = -9


def test_ticks_come_at_least_once() -> None:
    assert len(list(processes.ticks(0))) == 1
