"""Two operators with a journal each: whoever comes second is told who changes the node."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.dotfiles.conftest import Dotfiles

pytestmark = pytest.mark.integration

SLOW = {"dot_zshrc": "export GOOD=2\n", "run_wait.sh": "#!/bin/sh\n: >~/.waits\nsleep 60\n"}


@pytest.fixture
def other(dotfiles: Dotfiles) -> dict[str, str]:
    """The environment of the second operator, whose state directory is another."""
    state = os.path.join(dotfiles.environ["HOME"], "other-state")
    os.mkdir(state, 0o700)
    return {**dotfiles.environ, "XDG_STATE_HOME": state}


@contextmanager
def working(dotfiles: Dotfiles, *words: str) -> Iterator[None]:
    """While the first operator's command has begun on crtr and not ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", *words],
        env=dotfiles.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    waits = dotfiles.lab.home("crtr") / ".waits"
    deadline = time.monotonic() + 60
    try:
        while not waits.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert waits.exists(), process.communicate()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=40)


def apply_words(dotfiles: Dotfiles) -> list[str]:
    return ["dotfiles", "apply", "crtr", "--yes", "--via", "push", "--source", str(dotfiles.clone)]


def test_others_are_refused_while_dotfiles_are_applied(dotfiles: Dotfiles, other: dict[str, str]) -> None:
    dotfiles.start("crtr")
    file = os.path.join(dotfiles.environ["HOME"], "file")
    with open(file, "w") as opened:
        opened.write("text\n")
    dotfiles.commit(SLOW)
    with working(dotfiles, *apply_words(dotfiles)):
        for words in (
            ["run", "--waves", "1", "crtr", "true"],
            ["reboot", "crtr"],
            ["copy", "crtr", file, "/tmp/file"],
            ["dotfiles", "timer", "remove", "crtr"],
            ["dotfiles", "confirm", "crtr"],
        ):
            said = dotfiles.stentor(*words, env=other)
            assert said.code != 0, (words, said)
            assert "locked by" in said.stdout + said.stderr, (words, said)
            assert "dotfiles apply" in said.stdout + said.stderr, (words, said)
    assert dotfiles.clean("crtr")


@pytest.mark.parametrize("first", ["apply", "run"])
def test_dotfiles_are_refused_while_another_operator_changes_the_node(
    dotfiles: Dotfiles, other: dict[str, str], first: str
) -> None:
    dotfiles.start("crtr")
    dotfiles.commit({"dot_zshrc": "export GOOD=2\n"} if first == "run" else SLOW)
    before = dotfiles.read("crtr", ".zshrc")
    run = ["run", "--waves", "1", "crtr", ": >~/.waits; sleep 60"]
    with working(dotfiles, *(run if first == "run" else apply_words(dotfiles))):
        said = dotfiles.stentor(*apply_words(dotfiles), env=other)
        assert said.code == 6, said
        assert "locked by" in said.stderr
        assert ("run : >~/.waits" if first == "run" else "dotfiles apply") in said.stderr
        if first == "run":
            assert dotfiles.read("crtr", ".zshrc") == before
    assert dotfiles.clean("crtr")
