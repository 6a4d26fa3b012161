"""Plain words are read as argparse reads them, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.cli import plain
from stentor.cli.dispatch import command_module, parser_for
from stentor.errors import UsageError

PARSER, RUN = parser_for("run")
OPTIONS = [name for action in PARSER._actions for name in action.option_strings]
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


def by_argparse(words: list[str]) -> dict[str, Any] | None:
    try:
        return vars(PARSER.parse(words))
    except (UsageError, SystemExit):
        return None


@given(st.lists(st.sampled_from([*OPTIONS, *WORDS]), max_size=8))
def test_what_is_read_is_what_argparse_reads(words: list[str]) -> None:
    try:
        read = plain.read(RUN.configure, words)
    except UsageError:  # a letter that means something to clush
        assert by_argparse(words) is None
        return
    assert read is None or vars(read) == by_argparse(words)


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
