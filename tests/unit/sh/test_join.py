"""Files joined to programs, and the command which takes one through any login shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stentor import sh
from stentor.sh import program
from tests.support import need

LOGIN_SHELLS = ["sh", "dash", "bash", "zsh", "fish", "csh", "tcsh", "ksh"]


def test_what_a_file_uses_comes_before_it_and_once() -> None:
    text = sh.join("lock", "reap", front="a=b\n", call="reap")
    assert text.startswith("a=b\n")
    assert text.endswith("\nreap\n")
    assert text.count("\nsay() {") + text.startswith("say() {") == 1
    assert text.index("state_directory() {") < text.index("lock_take() {") < text.index("reap() {")


def test_comments_are_not_sent() -> None:
    assert [line for line in sh.join("dotfiles/main").splitlines() if line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
@pytest.mark.parametrize(
    "script",
    ["printf '%s|' one 'it'\\''s!' \"$#\" \"$@\"", "for n in 1; do\n  printf '%s|' 'ü \\' \"$@\"\ndone\n"],
)
def test_a_script_with_words_goes_through_every_login_shell(shell: str, script: str, tmp_path: Path) -> None:
    need(shell)
    words = ["a b", "it's \\ !x", "", '$HOME `x` "q" ~ *']
    expected = subprocess.run(["sh", "-c", script, "sh", *words], capture_output=True, check=True).stdout
    done = subprocess.run(
        [shutil.which(shell) or shell, "-c", sh.command(script, *words)],
        capture_output=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert (done.stdout, done.returncode) == (expected, 0)
    assert done.stderr == b""


def test_a_program_file_is_read_anew_by_each_that_opens_it() -> None:
    path = program.path("needs")
    assert path == program.path("needs")
    texts = [Path(path).read_text(encoding="utf-8") for _ in range(2)]
    assert texts == [sh.join("needs", call='needs "$@"')] * 2
    assert os.access(path, os.R_OK)


def test_without_files_in_memory_a_temporary_one_goes_with_the_process(tmp_path: Path) -> None:
    code = (
        "import os; del os.memfd_create\n"
        "from stentor.sh import program; path = program.path('needs'); print(path, os.path.getsize(path))"
    )
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    path, size = done.stdout.split()
    assert path.startswith(str(tmp_path))
    assert int(size) == len(sh.join("needs", call='needs "$@"'))
    assert list(tmp_path.iterdir()) == []
