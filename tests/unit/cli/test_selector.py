"""The nodes a command is for: the same words mean the same in every command."""

from __future__ import annotations

import argparse

import pytest

from stentor import Fleet
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Practice:
    return Practice(monkeypatch)


def read(*words: str) -> argparse.Namespace:
    parser = Parser()
    add_nodes(parser)
    add_connect_timeout(parser)
    return parser.parse_args(words)


def test_no_word_means_all_and_words_are_joined() -> None:
    assert expression(read()) == "@all"
    assert expression(read("crtr", "@gpu")) == "crtr,@gpu"
    assert read("--connect-timeout", "1m").connect_timeout == 60.0


@pytest.mark.parametrize("command", ["status", "ping", "nodes", "facts", "doctor", "trust", "needs"])
def test_a_variable_that_is_not_set_is_not_the_wish_for_all_nodes(practice: Practice, command: str) -> None:
    done = practice.run(command, "")
    assert (done.code, done.stdout) == (2, b"")
    assert "empty" in done.said


@pytest.mark.parametrize("words", [["dotfiles", "plan"], ["tmux", "open", "--print"], ["masters", "stop"]])
def test_nor_is_it_behind_a_verb(practice: Practice, words: list[str]) -> None:
    done = practice.run(*words, "")
    assert (done.code, done.stdout) == (2, b"")
    assert "empty" in done.said


def test_live_sets_are_known_wherever_nodes_are_named(practice: Practice) -> None:
    practice.nodes = FakeNodes({"drtr": Reply(code=3)})
    assert practice.run("run", "@core", "true").code == 1
    for command in ("nodes", "status"):
        assert practice.run(command, "@failed").text.count("\ndrtr") == 1
    assert practice.run("nodes", "--names", "@ok").text == "crtr\nprtr\n"
    fleet = Fleet.open(environ={"XDG_STATE_HOME": practice.state})
    assert [node.alias for node in fleet.select("@core!@failed").nodes] == ["crtr", "prtr"]


def test_a_live_set_of_nobody_is_said(practice: Practice) -> None:
    assert practice.run("run", "@core", "true").code == 0
    done = practice.run("copy", "@failed", "/etc/hostname", "/tmp/")
    assert (done.code, done.stdout) == (2, b"")
    assert "no node" in done.said


def test_the_fleet_is_named_before_the_command(practice: Practice) -> None:
    done = practice.run("nodes", "--fleet", "elsewhere")
    assert done.code == 2
    assert done.said == "stentor: --fleet stands before the command\nhint: stentor --fleet DIR nodes ...\n"
