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


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("+drtr", ":select SELECTOR,drtr with the selector of the prompt"),
        ("-node[1-3]", ":select SELECTOR!node[1-3] with the selector of the prompt"),
        ("?", ":select alone says which nodes these are; :help says what can be typed"),
        ("=", ":view gather merges output, :view stream does not"),
        ("cd", "cd && COMMAND"),
        (" cd /tmp ", "cd /tmp && COMMAND"),
        ("cd -", "cd - && COMMAND"),
        ("export A=1", "export A=1 && COMMAND"),
        (". ~/.profile", ". ~/.profile && COMMAND"),
        (":hlp", "did you mean ':help'?"),
        (":statsu", "did you mean ':status'?"),
        (":view gatehr", "did you mean 'gather'?"),
        (":xyzzy", "see ':help'"),
    ],
)
def test_what_clush_or_one_shell_would_do_is_answered(line: str, hint: str) -> None:
    found = read(line, COMMANDS, VIEWS)
    assert isinstance(found, Wrong)
    assert found.hint == hint


@pytest.mark.parametrize("line", ["cd /tmp && ls", "cd /tmp; ls", "export", "alias -p", "umask", "=x", "cdx"])
def test_what_does_something_is_run(line: str) -> None:
    assert read(line, COMMANDS, VIEWS) == Run(line)


@pytest.mark.parametrize("line", ["!", "!  ", ":view loud", ":nonsense", ":show 'open", ":with --tty"])
def test_what_makes_no_sense_is_said_and_goes_to_no_node(line: str) -> None:
    assert isinstance(read(line, COMMANDS, VIEWS), Wrong)


@given(st.text())
def test_every_line_is_understood_somehow(line: str) -> None:
    intent = read(line, COMMANDS, VIEWS)
    if isinstance(intent, Run):
        assert intent.command
        assert intent.command in line
