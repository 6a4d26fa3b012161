"""What a run of the tests leaves that was killed; the runs beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import processes
from tests import folders
from tests.support import ROOT

PREFIX = f"stentor-folders-{os.getpid()}-"
RUN = f"""
import os, subprocess, sys, time
from tests import folders
folder = folders.make("{PREFIX}")
(folder / "kept").mkdir(mode=0o500)
left = subprocess.Popen(["sleep", "1000"], env={{folders.RUN: str(folder)}}, start_new_session=True, stdout=2)
print(folder, left.pid, flush=True)
time.sleep(1000)
"""


@pytest.fixture
def run() -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", RUN]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ) as process:
        yield process
        process.kill()


def test_what_a_killed_run_left_goes_and_nothing_of_one_that_lives(run: subprocess.Popen[str]) -> None:
    assert run.stdout
    name, left = run.stdout.readline().split()
    assert folders.remove_dead(PREFIX) == []
    assert processes.alive(int(left))
    run.kill()
    run.wait()
    assert folders.remove_dead(PREFIX) == [Path(name)]
    assert not processes.alive(int(left))
    assert not [one for one in Path(name).parent.iterdir() if one.name.startswith(Path(name).name)]


def test_a_folder_that_was_kept_is_not_removed_by_another_run() -> None:
    folder = folders.make(PREFIX)
    folders.forget(folder)
    assert folders.remove_dead(PREFIX) == []
    folder.rmdir()
