"""Temporary folders: ours alone, gone at the end, and those of a killed program by the next."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stentor import scratch

GONE = 2**22 + 5  # over the largest process number


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_ours_alone_and_gone_at_the_end(place: Path) -> None:
    with scratch.folder() as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700
        Path(folder, "f").write_text("x")
        assert os.listdir(place) == [os.path.basename(folder)]
    assert os.listdir(place) == []


def test_what_a_killed_program_left_is_removed(place: Path) -> None:
    program = "import os, time\nfrom stentor import scratch\n"
    program += "with scratch.folder() as f: open(f + '/secret', 'w'); print(f, flush=True); time.sleep(60)"
    environ = {**os.environ, "TMPDIR": str(place)}
    argv = [sys.executable, "-c", program]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout
        folder = process.stdout.readline().strip()
        scratch.clean()
        assert os.path.exists(f"{folder}/secret"), "it runs"
        process.kill()
    scratch.clean()
    assert os.listdir(place) == []


def test_nothing_else_is_removed(place: Path) -> None:
    names = [f"stentor-{GONE}", f"other-{GONE}-x", "stentor-x-y", f"stentor-{os.getppid()}-x", "stentor-²-x"]
    for name in names:
        (place / name).mkdir()
    (place / f"stentor-{GONE}-file").write_text("x")
    (place / f"stentor-{GONE}-link").symlink_to(place)
    before = sorted(os.listdir(place))
    scratch.clean()
    assert sorted(os.listdir(place)) == before
    if os.geteuid() == 0:
        theirs = place / f"stentor-{GONE}-theirs"
        theirs.mkdir()
        os.chown(theirs, 65534, 65534)
        scratch.clean()
        assert theirs.exists()


def test_what_lies_in_memory_is_read_by_programs_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with scratch.memory(b"secret\n") as path:
        assert subprocess.run(["cat", path], capture_output=True, check=True).stdout == b"secret\n"
        assert subprocess.run(["cat", path], capture_output=True, check=True).stdout == b"secret\n"
    assert not os.path.exists(path)
    monkeypatch.delattr(os, "memfd_create", raising=False)
    with scratch.memory(b"secret\n") as path:
        assert os.stat(path).st_mode & 0o077 == 0
        assert Path(path).read_bytes() == b"secret\n"
    assert not os.path.exists(path)
