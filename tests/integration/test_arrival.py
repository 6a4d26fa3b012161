"""Standard input that a start-up file takes: the command must not seem to have ended well."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from stentor.fanout.arrival import checked
from stentor.lab import Lab

pytestmark = pytest.mark.integration


@pytest.fixture(params=["cat >/dev/null", "read -r line"])
def greedy(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """A node whose .bashrc reads what was meant for the command."""
    file = lab.home("crtr") / ".bashrc"
    text = file.read_text()
    file.write_text(f"{request.param}\n{text}")
    yield "crtr"
    file.write_text(text)


@pytest.mark.parametrize(
    "words",
    [
        ["--stdin", "crtr,drtr", "wc -c >got"],
        ["--script", "-", "crtr,drtr"],
        ["--script", "FILE", "crtr,drtr"],
        ["--env-secret", "TOKEN", "crtr,drtr", "echo hi"],
        ["--env-secret", "TOKEN", "--stdin", "crtr,drtr", "wc -c"],
    ],
)
def test_input_that_did_not_arrive_is_a_failure(
    greedy: str, words: list[str], stentor: Any, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("echo ran\n")
    words = [str(script) if word == "FILE" else word for word in words]
    done = stentor("run", *words, input="echo ran\n" * 2, env={"TOKEN": "s3"})
    assert done.code == 1, done
    said = done.stdout + done.stderr
    assert "standard input did not arrive" in said
    assert "exit 74" in said
    assert said.count("did not arrive") == 1  # drtr is well
    assert greedy in said


def test_a_copy_that_a_start_up_file_takes_is_a_failure_and_waits_for_nothing(
    greedy: str, lab: Lab, stentor: Any, tmp_path: Path
) -> None:
    source = tmp_path / "big"
    source.write_bytes(b"line\n" * 100_000)
    (lab.home(greedy) / "big").unlink(missing_ok=True)
    done = stentor("copy", "crtr,drtr", str(source), "~/", timeout=60)
    assert done.code == 1, done
    assert f"{greedy}: " in done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert (
        "came; the next copy goes on from there" in said or "does a start-up file of the login shell" in said
    )
    assert not (lab.home(greedy) / "big").exists()
    assert (lab.home("drtr") / "big").read_bytes() == source.read_bytes()
    (lab.home("drtr") / "big").unlink()


def test_a_stream_and_the_interface_of_python_look_too(
    greedy: str, lab: Lab, environ: dict[str, str]
) -> None:
    from stentor import Fleet

    nodes = Fleet.open(str(lab.fleet_dir), environ=environ).select(f"{greedy},drtr")
    codes = {result.node: result.code for result in nodes.run("cat", stdin=b"x\n")}
    assert codes == {greedy: 74, "drtr": 0}
    assert {result.node: result.stdout for result in nodes.run("cat", stdin=b"x\n")}["drtr"] == b"x\n"


@pytest.mark.parametrize("shell", [s for s in ("sh", "bash", "zsh", "fish", "tcsh") if shutil.which(s)])
@pytest.mark.parametrize(("first", "code", "out"), [(True, 3, b"rest\n"), (False, 74, b"")])
def test_every_login_shell_looks(shell: str, first: bool, code: int, out: bytes, tmp_path: Path) -> None:
    own = tmp_path / "in"
    own.write_bytes(b"rest\n")
    owner = mock.Mock()
    command, stdin = checked("cat; exit 3", str(own), owner)
    assert isinstance(stdin, str)
    sent = Path(stdin).read_bytes() if first else b"rest\n"
    del owner
    assert not os.path.exists(stdin)
    done = subprocess.run([shell, "-c", command], input=sent, capture_output=True)
    assert (done.returncode, done.stdout) == (code, out), done.stderr
