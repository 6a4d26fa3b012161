"""A word that is empty, as a variable that is not set leaves it, is an error in every command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from stentor.cli.dispatch import Parser
from stentor.cli.table import COMMANDS
from stentor.errors import UsageError
from tests.parsers import parser_of


def parsers(parser: Parser) -> Iterator[Parser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


@pytest.mark.parametrize("name", COMMANDS)
def test_options_and_selectors_take_no_empty_word(name: str) -> None:
    for parser in parsers(parser_of(name)[0]):
        for action in parser._actions:
            if action.nargs in (0, argparse.REMAINDER, argparse.PARSER) or action.dest == "help":
                continue
            count = action.nargs if isinstance(action.nargs, int) else 1
            words = [*action.option_strings[-1:], *[""] * count]
            with pytest.raises(UsageError, match="is empty") as caught:
                parser.parse(words)
            assert caught.value.exit_code == 2


def test_words_of_a_command_may_be_empty() -> None:
    parser, _ = parser_of("run")
    assert parser.parse(["@all", "grep", "", "f"]).words == ["grep", "", "f"]
