"""What a person or a shell may give that is no text: Ctrl-D at a prompt, and words that are no UTF-8."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stentor.cli.context import Context
from stentor.lab import Lab
from tests.support import ROOT
from tests.terminal import at_terminal

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("words", "prompt", "code"),
    [
        (["run", "@core", "rm -rf /"], "type the number", {6}),
        (["run", "--env-secret", "NOWHERE", "crtr", "true"], "NOWHERE: ", {6}),
        (["run", "--sudo=root", "crtr", "true"], "sudo password", {0, 1, 4}),
    ],
)
def test_ctrl_d_at_a_prompt_is_an_answer(
    lab: Lab, environ: dict[str, str], words: list[str], prompt: str, code: set[int]
) -> None:
    ended, said = at_terminal(words, environ)
    assert prompt in said
    assert "Traceback" not in said
    assert ended in code, said


def test_the_end_of_input_is_no_at_every_question() -> None:
    context = Context(io.StringIO(), io.StringIO(), io.StringIO(), {})
    assert context.answer("?") == ""
    assert not context.agreed("?")
    # There is no other way to ask: `input` would raise, and getpass does where secrets.py expects it.
    asking = re.compile(r"(?<![\w.])(input|getpass\.getpass)\(")
    found = {path.name for path in Path(ROOT, "src").rglob("*.py") if asking.search(path.read_text())}
    assert found == {"secrets.py"}


@pytest.mark.parametrize(
    "words",
    [
        [b"run", b"crtr", b"echo \xff\xfe \xc3\xa9"],
        [b"run", b"-j", b"crtr,drtr", b"echo \xff"],
        [b"run", b"\xff", b"true"],
        [b"nodes", b"\xff"],
        [b"show", b"\xff"],
        [b"history", b"--node", b"\xff"],
        [b"copy", b"crtr", b"\xff", b"/tmp/\xfe"],
        [b"fetch", b"crtr", b"/\xff", b"into-\xfe"],
        [b"node", b"edit", b"crtr", b"role=\xff"],
        [b"\xff"],
    ],
)
def test_words_and_streams_that_are_no_utf_8(
    lab: Lab, environ: dict[str, str], words: list[bytes], tmp_path: Path
) -> None:
    ascii_only = {**environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for settings in (environ, ascii_only, {**environ, "PYTHONIOENCODING": "ascii"}):
        done = subprocess.run(
            [os.fsencode(sys.executable), b"-m", b"stentor", *words],
            env=settings,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 2, 3, 5, 6), done
        assert (done.returncode == 0) == any(b"echo" in word for word in words), done
        assert done.returncode == 0 or b"stentor: " in done.stderr or b"crtr" in done.stdout + done.stderr
