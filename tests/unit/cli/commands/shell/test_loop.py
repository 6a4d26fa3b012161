"""Lines of the prompt, with nodes in memory."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from stentor.cli.commands.shell import intent
from stentor.cli.commands.shell.loop import GIVEN, Shell
from stentor.cli.context import Context
from stentor.errors import UsageError
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Practice:
    return Practice(monkeypatch)


@pytest.fixture
def shell(practice: Practice, tmp_path: Path) -> Shell:
    practice.nodes = FakeNodes({"prtr": Reply(b"6\n"), "drtr": Reply(b"6\n", code=3)})
    out, err, given = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(3))
    context = Context(out, err, given, {"XDG_STATE_HOME": str(tmp_path)})
    arguments = argparse.Namespace(fleet=None, view="auto", no_history=True, selector="@gpu")
    return Shell(arguments, context)


def enter(shell: Shell, line: str) -> str:
    shell._do(intent.read(line, GIVEN, intent.VIEWS))
    shell.context.stdout.flush()
    written = shell.context.stdout.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()


def test_a_line_runs_on_the_nodes_of_the_prompt(shell: Shell, practice: Practice) -> None:
    assert enter(shell, "nproc -- all") == "prtr: 6\ndrtr: 6\n"
    assert practice.nodes.commands == [("prtr", "nproc -- all"), ("drtr", "nproc -- all")]
    assert shell.code == 1
    assert [record.command for record in shell.fleet.history()] == ["nproc -- all"]


def test_a_selector_in_front_of_a_line_is_for_this_line(shell: Shell, practice: Practice) -> None:
    enter(shell, "@core!drtr nproc")
    assert [alias for alias, _ in practice.nodes.commands] == ["crtr", "prtr"]
    assert (shell.selector, shell.code) == ("@gpu", 0)


def test_options_stay_for_the_lines_that_follow(shell: Shell, practice: Practice) -> None:
    enter(shell, ":with --exclude drtr --env A=1 -N")
    assert enter(shell, "nproc") == "6\n"
    (task,) = practice.nodes.tasks
    assert task.environment == {"A": "1"}
    enter(shell, ":with")
    enter(shell, "nproc")
    assert [alias for alias, _ in practice.nodes.commands] == ["prtr", "prtr", "drtr"]


@pytest.mark.parametrize("words", ["--nonsense", "--script x", "--mask --stream"])
def test_options_that_make_no_sense_are_refused_at_once(shell: Shell, words: str) -> None:
    with pytest.raises(UsageError):
        enter(shell, f":with {words}")
    assert shell.options.mask is False


def test_the_view_of_an_option_goes_before_that_of_the_prompt(shell: Shell) -> None:
    enter(shell, ":view stream")
    enter(shell, ":with --gather")
    assert "prtr,drtr (2)" in enter(shell, "nproc")
