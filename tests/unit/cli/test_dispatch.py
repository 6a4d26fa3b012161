"""Options may stand before, between and behind the operands of every command and verb."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pytest

from stentor.cli.dispatch import Parser
from stentor.cli.main import main
from stentor.errors import UsageError
from tests.parsers import parser_of, table
from tests.practice import Practice


def parsers() -> Iterator[tuple[str, Parser]]:
    """Every command and verb that takes operands and options, without those that take all the rest."""
    for place in filter(None, table()):
        name, _, verb = place.partition(" ")
        parser = parser_of(name)[0]
        if verb:
            group: Any = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
            parser = group.choices[verb]
        if operands(parser) and flag(parser) and not parser._takes_the_rest():
            yield place, parser


def operands(parser: Parser) -> list[str]:
    """A word for each operand, and a second one where it takes several."""
    words: list[str] = []
    for action in parser._actions:
        if not action.option_strings:
            word = next(iter(action.choices)) if action.choices else f"w{len(words)}"
            words += [str(word)] * (2 if action.nargs in ("*", "+") and not action.choices else 1)
    return words


def flag(parser: Parser) -> str:
    """An option without a value."""
    found = [a.option_strings[-1] for a in parser._actions if a.option_strings and a.nargs == 0]
    return next((name for name in found if name not in ("--help", "-h")), "")


PARSERS = dict(parsers())


def test_the_commands_that_are_nested_are_among_them() -> None:
    assert {"migrate", "masters", "dotfiles timer", "tmux open", "node add", "copy", "diff"} <= set(PARSERS)


@pytest.mark.parametrize("place", PARSERS)
def test_options_may_stand_between_operands(place: str) -> None:
    parser = PARSERS[place]
    words, option = operands(parser), flag(parser)
    first = parser.parse([option, *words])
    for index in range(1, len(words) + 1):
        assert parser.parse([*words[:index], option, *words[index:]]) == first


def takes_any_number(parser: Parser) -> bool:
    return any(a.nargs in ("*", "+") for a in parser._actions if not a.option_strings)


@pytest.mark.parametrize("place", [place for place in PARSERS if not takes_any_number(PARSERS[place])])
def test_a_word_too_many_is_an_error(place: str) -> None:
    parser = PARSERS[place]
    with pytest.raises(UsageError, match="unrecognized arguments: extra"):
        parser.parse([*operands(parser), flag(parser), "extra"])


def hint_of(place: str, *words: str) -> str:
    with pytest.raises(UsageError) as refused:
        PARSERS[place].parse(words)
    return refused.value.hint


def test_two_selectors_are_answered_with_the_one_that_means_both() -> None:
    assert hint_of("tmux open", "@gpu", "crtr", "drtr") == "join names by commas: @gpu,crtr,drtr"
    assert hint_of("tmux open", "--no-such") == "see 'stentor tmux open --help'"


def test_a_word_too_many_is_no_selector_where_none_was_given() -> None:
    with pytest.raises(UsageError, match="unrecognized arguments: @gpu") as refused:
        parser_of("history")[0].parse(["@gpu"])
    assert refused.value.hint == "stentor history --node @gpu"
    with pytest.raises(UsageError, match="unrecognized arguments: @gpu") as refused:
        parser_of("tour")[0].parse(["@gpu"])
    assert refused.value.hint == "see 'stentor tour --help'"


def test_an_option_is_compared_without_its_dashes() -> None:
    assert hint_of("fetch", "--jso", "crtr", "a", "b") == "did you mean '--json'?"
    assert hint_of("fetch", "--to", "crtr", "a", "b") == "see 'stentor fetch --help'"


@pytest.mark.parametrize("name", ["dotfiles", "tmux", "services", "lab", "masters"])
def test_a_verb_that_there_is_not_is_answered_with_those_that_there_are(name: str) -> None:
    parser = parser_of(name)[0]
    with pytest.raises(UsageError, match=f"'stentor {name}' has no verb '@gpu'") as refused:
        parser.parse(["@gpu"])
    assert refused.value.hint.startswith("one of ")
    assert refused.value.hint.endswith(f"; see 'stentor {name} --help'")


def test_missing_operands_are_answered_with_what_is_expected() -> None:
    assert hint_of("diff") == "stentor diff A [B]; see 'stentor diff --help'"


def test_migrate_check_takes_json_before_the_selector(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = Practice(monkeypatch)
    nodes = {alias: node._replace(phase=1) for alias, node in practice.fleet.nodes.items()}
    practice.fleet = practice.fleet._replace(nodes=nodes)
    before, behind = (practice.run("migrate", "check", *w) for w in (["--json", "crtr"], ["crtr", "--json"]))
    assert (before.code, behind.code) == (0, 0)
    assert '"node":"crtr"' in before.text


@pytest.mark.parametrize("name", ["dotfiles", "tmux", "services", "node", "hook", "gateway", "lab"])
def test_a_command_without_its_verb_names_the_verbs(name: str) -> None:
    parser = parser_of(name)[0]
    with pytest.raises(UsageError, match=f"'stentor {name}' needs a verb: ") as refused:
        parser.parse([])
    verbs = [place.removeprefix(f"{name} ") for place in table() if place.startswith(f"{name} ")]
    assert verbs
    for verb in verbs:
        assert verb.partition(" ")[0] in str(refused.value)


def test_a_fault_of_stentor_is_said_to_be_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(*_: object) -> int:
        raise KeyError("crtr\x1b[2J")

    monkeypatch.setattr("stentor.cli.commands.schema.handle", handle)
    assert main(["schema"]) == 70
    said = capsys.readouterr()
    assert said.out == ""
    first, *_, error, hint = said.err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert error.startswith("stentor: internal error: KeyError: ")
    assert "a fault of stentor" in hint
    assert "\x1b" not in said.err
