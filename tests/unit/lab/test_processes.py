"""The table of processes."""

from __future__ import annotations

import os
import subprocess
import sys

from stentor.lab import processes


def test_this_process_is_in_the_table() -> None:
    table = processes.table()
    assert table[os.getpid()].parent == os.getppid()
    assert table[os.getpid()].words


def test_command_lines_and_environments_with_odd_characters_are_read() -> None:
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
