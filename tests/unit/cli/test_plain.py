"""Plain words are read as argparse reads them, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.cli import plain
from stentor.cli.dispatch import command_module
from stentor.cli.table import COMMANDS
from stentor.errors import UsageError
from tests.parsers import parser_of

ALL = {name: parser_of(name) for name in COMMANDS}
RUN = ALL["run"][1]
WORDS = [
    "@all",
    "crtr",
    "5",
    "2m",
    "A=b",
    "auto",
    "json",
    "",
    "-",
    "--",
    "-1",
    "--x",
    "a b",
    "-bL",
    "-f5",
    "x=y",
]


def by_argparse(words: list[str], command: str = "run") -> dict[str, Any] | None:
    try:
        return vars(ALL[command][0].parse(words))
    except (UsageError, SystemExit):
        return None


@given(st.data())
def test_what_is_read_is_what_argparse_reads(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(sorted(ALL)))
    parser, module = ALL[command]
    options = [name for action in parser._actions for name in action.option_strings]
    words = data.draw(st.lists(st.sampled_from([*options, *WORDS]), max_size=8))
    try:
        read = plain.read(module.configure, words)
    except UsageError:  # a letter that means something to clush
        assert by_argparse(words, command) is None
        return
    assert read is None or vars(read) == by_argparse(words, command)


@pytest.mark.parametrize(
    "words",
    [
        ["@all"],
        ["@all", "uptime"],
        ["@all", "x", "--", "--x", "-f", "5"],
        ["--stream", "--window", "128", "@all", "echo hi"],
        ["-b", "-L", "-e", "A=1", "-e", "B", "--gate", "true", "-x", "crtr", "@all", "true"],
        ["--color", "never", "-u", "2m", "-r", "2", "crtr", "ls", "-l"],
    ],
)
def test_plain_words_need_no_argparse(words: list[str]) -> None:
    read = plain.read(RUN.configure, words)
    assert read is not None
    assert vars(read) == by_argparse(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["@all", "--", "--x", "-f", "5"],
        ["", "true"],
        ["--windo", "5", "@all", "true"],
        ["--window=5", "@all", "true"],
        ["--window", "x", "@all", "true"],
        ["--window"],
        ["--color", "pink", "@all", "true"],
        ["-bL", "@all", "true"],
        ["--stream", "--diff", "@all", "true"],
        ["--sudo", "@all", "true"],
        ["--", "@all", "true"],
    ],
)
def test_the_rest_is_left_to_argparse(words: list[str]) -> None:
    assert plain.read(RUN.configure, words) is None


@pytest.mark.parametrize("name", ["lab", "status", "copy", "dotfiles", "shell", "completion"])
def test_commands_with_other_operands_are_left_to_argparse(name: str) -> None:
    assert plain.read(command_module(name).configure, ["x", "y"]) is None


@pytest.mark.parametrize("option", ["--json", "--stream"])
def test_an_option_that_takes_no_value_takes_no_operand(option: str) -> None:
    assert plain.read(command_module("ansible").configure, [option, "@all", "crtr"]) is None
