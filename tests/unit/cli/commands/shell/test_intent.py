"""A line at the prompt of ``stentor shell``, and what it asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.cli.commands.shell.intent import (
    Command,
    Help,
    Intent,
    Leave,
    Local,
    Nothing,
    Run,
    Select,
    View,
    With,
    Wrong,
    read,
)

COMMANDS = ("status", "show", "history")
VIEWS = ("auto", "gather")


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("", Nothing()),
        ("  \t", Nothing()),
        ("uptime", Run("uptime")),
        ("  df -h / | tail -1 ", Run("df -h / | tail -1")),
        ("echo '@gpu'", Run("echo '@gpu'")),
        ("@gpu", Select("@gpu")),
        ("@all!@gpu", Select("@all!@gpu")),
        ("@gpu  nvidia-smi -L", Run("nvidia-smi -L", "@gpu")),
        (":select drtr,@core", Select("drtr,@core")),
        (":select drtr crtr", Select("drtr,crtr")),
        (":select", Select("")),
        ("!make all", Local("make all")),
        (": > /tmp/empty", Run(": > /tmp/empty")),
        (":", Run(":")),
        (":view gather", View("gather")),
        (":view", View("")),
        (":with --timeout 10s --mask", With(("--timeout", "10s", "--mask"))),
        (":with", With(())),
        (":show @last", Command("show", ("@last",))),
        (":history --command 'a b'", Command("history", ("--command", "a b"))),
        (":help", Help()),
        (":?", Help()),
        (":q", Leave()),
        ("exit", Leave()),
        ("exit 3", Run("exit 3")),
    ],
)
def test_lines(line: str, intent: Intent) -> None:
    assert read(line, COMMANDS, VIEWS) == intent


@pytest.mark.parametrize("line", ["!", "!  ", ":view loud", ":nonsense", ":show 'open", ":with --tty"])
def test_what_makes_no_sense_is_said_and_goes_to_no_node(line: str) -> None:
    assert isinstance(read(line, COMMANDS, VIEWS), Wrong)


@given(st.text())
def test_every_line_is_understood_somehow(line: str) -> None:
    intent = read(line, COMMANDS, VIEWS)
    if isinstance(intent, Run):
        assert intent.command
        assert intent.command in line
