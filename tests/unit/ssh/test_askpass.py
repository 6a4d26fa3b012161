"""The program that gives ssh a password: for one user on one host, and for nothing else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor import scratch
from stentor.sh.quoting import quote
from stentor.ssh import askpass
from stentor.ssh.askpass import _PROGRAM


def answer(folder: Path, prompt: str, user: str = "root", host: str = "10.0.0.1") -> tuple[int, str]:
    program = folder / "askpass"
    program.write_text(_PROGRAM.format(user=quote(user), host=quote(host)))
    program.chmod(0o700)
    with scratch.memory(b"a 'b\n") as path:
        done = subprocess.run(
            [str(program), prompt], env={**os.environ, "STENTOR_ANSWER": path}, capture_output=True, text=True
        )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "prompt", ["root@10.0.0.1's password: ", "(root@10.0.0.1) Password: ", "(root@10.0.0.1) Passwort: "]
)
def test_the_question_for_the_password_is_answered(tmp_path: Path, prompt: str) -> None:
    assert answer(tmp_path, prompt) == (0, "a 'b\n")


@pytest.mark.parametrize(
    "prompt",
    [
        "root@10.0.0.2's password: ",  # of a jump host
        "me@10.0.0.1's password: ",
        "(root@10.0.0.11) Password: ",
        "Enter passphrase for key '/home/me/.ssh/id_ed25519': ",
        "The authenticity of host '10.0.0.1 (10.0.0.1)' can't be established.\nAre you sure (yes/no)? ",
        "Confirm user presence for key",
        "root@10.0.0.1's password: (and more)",
    ],
)
def test_no_other_question_is_answered(tmp_path: Path, prompt: str) -> None:
    assert answer(tmp_path, prompt) == (1, "")


def test_a_host_is_no_pattern(tmp_path: Path) -> None:
    assert answer(tmp_path, "root@ab's password: ", host="*")[0] == 1
    assert answer(tmp_path, "root@*'s password: ", host="*")[0] == 0


def test_login_that_does_not_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(askpass, "_PATIENCE", 0.2)
    assert askpass._run(["sleep", "60"], os.environ) == (1, "the login did not end in 0.2 s")
    assert askpass._run(["sh", "-c", "echo no >&2; exit 5"], os.environ)[1] == "no"
