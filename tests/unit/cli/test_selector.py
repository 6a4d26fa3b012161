"""The nodes a command is for: the same words mean the same in every command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from stentor import Fleet
from stentor.cli.commands.completion import table
from stentor.cli.dispatch import Parser, parser_for
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.export.formats import FORMATS
from stentor.fleet.policy import from_plain
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


@pytest.mark.parametrize(
    "words",
    [["dotfiles", "plan"], ["tmux", "open", "--print"], ["masters", "stop"], ["dotfiles", "push", "--nodes"]],
)
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


# Commands and verbs that take no node or all nodes without a selector: they change no node.
LOOK = {
    *("status", "ping", "nodes", "facts", "doctor", "trust", "needs", "top", "masters", "migrate", "report"),
    *("dotfiles status", "dotfiles plan", "tmux open", "tmux list"),
    *(f"export {name}" for name in FORMATS),
    "shell",  # its prompt says which nodes they are, before each line
    "reap",  # this machine alone
    *("tmux send", "tmux capture"),  # panes; send refuses, below
}
# What changes nodes: nobody without a selector.
CHANGE = [
    "dotfiles apply --yes",
    "dotfiles push --yes",
    "dotfiles rollback --yes",
    "dotfiles catch-up --yes",
    "dotfiles timer install",
    "dotfiles timer remove",
    "dotfiles apply",
    "dotfiles apply --json",
    "doctor --fix --yes",
    "trust --yes",
    "masters stop",
    "tmux send true",
    "uninstall",
]
REQUIRED = [
    *("dotfiles confirm", "dotfiles revert", "dotfiles init", "run", "copy", "fetch", "reboot", "shutdown"),
    *("dotfiles adopt", "wake", "node edit", "node retire"),
]


def optional(place: str) -> bool:
    """Whether nodes may be left out of the words of a command or verb."""
    name, _, verb = place.partition(" ")
    parser = parser_for(name)[0]
    if verb:
        groups = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        parser = next(group.choices[verb] for group in groups)
    return any(one.dest in ("selector", "target") and one.nargs in ("*", "?") for one in parser._actions)


def places() -> Iterator[str]:
    yield from filter(None, table())


def test_every_command_that_may_lack_a_selector_is_known() -> None:
    found = {place for place in places() if optional(place)}
    changing = {" ".join(words.split()[:2]) for words in CHANGE if not words.startswith(("doctor", "trust"))}
    by_file = {"playbook"}  # its plays name their nodes
    assert found == LOOK | by_file | (changing - {"masters stop"}) - {"lab"}


@pytest.mark.parametrize("words", CHANGE)
def test_a_change_without_a_selector_is_for_nobody(practice: Practice, words: str) -> None:
    done = practice.run(*words.split())
    assert (done.code, done.stdout) == (2, b"")
    assert done.said.startswith(("stentor: no node is named\nhint: ", "stentor: no panes are named\nhint: "))
    assert "@all" in done.said
    assert practice.nodes.commands == []


@pytest.mark.parametrize("words", REQUIRED)
def test_a_command_that_requires_a_selector_is_refused_without(practice: Practice, words: str) -> None:
    done = practice.run(*words.split())
    assert (done.code, done.stdout) == (2, b"")
    assert "required" in done.said


def with_default(practice: Practice) -> None:
    policy = from_plain({"rollout": {"selector": ["crtr", "drtr"]}})
    practice.fleet = practice.fleet._replace(policy=policy)


@pytest.mark.parametrize("words", ["dotfiles apply --yes", "doctor --fix --yes", "masters stop"])
def test_a_default_of_the_policy_counts_only_where_a_question_shows_it(
    practice: Practice, words: str
) -> None:
    with_default(practice)
    done = practice.run(*words.split())
    assert done.code == 2
    assert "no node is named; rollout.selector counts only where a question shows it" in done.said
    assert practice.nodes.commands == []


def test_a_default_of_the_policy_is_shown(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: True)
    with_default(practice)
    assert practice.run("doctor", "--fix").said.startswith(
        "stentor: rollout.selector in the policy is crtr,drtr\n"
    )
    assert {alias for alias, _ in practice.nodes.commands} <= {"crtr", "drtr"}
