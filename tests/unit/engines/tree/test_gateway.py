"""What a gateway says of itself before it serves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stentor.engines.tree.gateway import Said, command, next_step, read, reason_of

WORD = "stentor-0123456789abcdef"


def asked(home: Path, *, path: str = "/usr/bin:/bin") -> Said | None:
    done = subprocess.run(
        ["/bin/sh", "-c", command(WORD, serve=False)],
        env={"PATH": path, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    return read(WORD, done.stderr)


def python(folder: Path, *options: str) -> str:
    folder.mkdir()
    (folder / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} {" ".join(options)} "$@"\n')
    (folder / "python3").chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_environment_that_was_installed_is_taken_first(tmp_path: Path) -> None:
    state = tmp_path / ".local/state/stentor"
    state.mkdir(parents=True)
    (state / "gateway").symlink_to(sys.prefix)
    said = asked(tmp_path)
    assert said is not None
    assert said.path == f"{state}/gateway/bin/python"
    assert said.clustershell.startswith("1.")
    assert said.pid > 0


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few/sh").symlink_to("/bin/sh")
    assert asked(tmp_path, path=str(tmp_path / "few")) == Said(
        lack="python3", reason="no Python is installed"
    )
    bare = asked(tmp_path, path=python(tmp_path / "bare", "-S"))
    assert bare is not None
    assert bare.lack == "clustershell"
    assert bare.reason.startswith("ClusterShell is not installed for ")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "ClusterShell.py").write_text("__version__ = '1.8.4'\n")
    said = subprocess.run(
        ["/bin/sh", "-c", command(WORD, serve=False)],
        env={
            "PATH": f"{tmp_path}/bare:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path / "old"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert read(WORD, said.stderr) == Said(
        lack="clustershell", reason="ClusterShell 1.8.4 is too old, 1.9.1 is needed"
    )


def test_gateway_without_ssh_says_so(tmp_path: Path) -> None:
    path = python(tmp_path / "bare").partition(":")[0]
    (tmp_path / "bare/sh").symlink_to("/bin/sh")
    (tmp_path / "bare/python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    said = asked(tmp_path, path=path)
    assert said is not None
    assert (said.lack, said.reason) == ("ssh", "it has no ssh, by which it would reach its nodes")
    assert next_step(said, "gw1") == "install OpenSSH's client there with the system's package manager"
    (tmp_path / "bare/ssh").symlink_to("/bin/true")
    said = asked(tmp_path, path=path)
    assert said is not None
    assert not said.lack


def test_reason_is_what_a_person_can_do_something_about() -> None:
    assert reason_of(WORD, f"{WORD} no python: Python 2.7.18 is too old, 3.6 is needed\n") == (
        "Python 2.7.18 is too old, 3.6 is needed"
    )
    assert reason_of(WORD, "syntax error\n") == "its shell's start-up files write to stdout"
    assert reason_of(WORD, f"{WORD} ok 7 3.11.2 1.9.1 /usr/bin/python3\nKilled\n") == "Killed"
    assert reason_of(WORD, "") == "its process has ended"


@pytest.mark.parametrize(
    "said", ["", " ", " ok", " ok x 3.11.2 1.9.1 /p", " ok 7 3.11.2", " no", " maybe 1 2 3 4"]
)
def test_line_that_says_nothing_is_left_out(said: str) -> None:
    assert read(WORD, f"{WORD}{said}\n") is None
    assert read(WORD, f"{WORD}{said}\n{WORD} ok 7 3.11.2 1.9.1 /a b\n") == Said(7, "3.11.2", "1.9.1", "/a b")


def test_next_step_is_for_what_is_missing() -> None:
    assert next_step(Said(lack="clustershell", reason="x"), "gw1") == "stentor gateway install gw1"
    for lack in ("python", "python3"):
        assert next_step(Said(lack=lack, reason="x"), "gw1").startswith("install Python 3.6 or later there")
