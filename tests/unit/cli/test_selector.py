"""The nodes a command is for: the same words mean the same in every command."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import Fleet
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.errors import FleetError
from stentor.export.formats import FORMATS
from stentor.fleet.policy import from_plain
from stentor.fleet.services import Services
from stentor.testing import FakeNodes, Reply
from tests.parsers import parser_of, table
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
    *("services status", "services ports", "services plan"),
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
    "playbook my.site.main --yes",
    "playbook my.site.main",
    "services deploy --yes",
    "services deploy",
    "doctor --fix --yes",
    "trust --yes",
    "masters stop",
    "tmux send true",
    "uninstall",
]
REQUIRED = [
    *("dotfiles confirm", "dotfiles revert", "dotfiles init", "run", "copy", "fetch", "reboot", "shutdown"),
    *("services rollback", "services restart", "services start", "services stop", "ansible", "bootstrap"),
    *("dotfiles adopt", "wake", "node edit", "node retire"),
]


def optional(place: str) -> bool:
    """Whether nodes may be left out of the words of a command or verb."""
    name, _, verb = place.partition(" ")
    parser = parser_of(name)[0]
    if verb:
        groups = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        parser = next(group.choices[verb] for group in groups)
    return any(
        one.dest in ("selector", "target", "words") and one.nargs in ("*", "?") for one in parser._actions
    )


def places() -> Iterator[str]:
    yield from filter(None, table())


def test_every_command_that_may_lack_a_selector_is_known() -> None:
    found = {place for place in places() if optional(place)}
    changing = {
        " ".join(words.split()[:2]) for words in CHANGE if not words.startswith(("doctor", "trust", "play"))
    }
    assert found == LOOK | {"playbook"} | (changing - {"masters stop"}) - {"lab"}


@pytest.mark.parametrize("words", CHANGE)
def test_a_change_without_a_selector_is_for_nobody(
    practice: Practice, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentor.api.services.read", lambda fleet: Services())
    done = practice.run(*words.split())
    assert (done.code, done.stdout) == (2, b"")
    assert done.said.startswith(("stentor: no node is named\nhint: ", "stentor: no panes are named\nhint: "))
    assert "@all" in done.said
    assert practice.nodes.commands == []


def test_where_there_are_no_services_no_node_is_asked_for(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: object) -> Services:
        raise FleetError("there are no services")

    monkeypatch.setattr("stentor.api.services.read", nothing)
    done = practice.run("services", "deploy")
    assert (done.code, done.stdout, done.said) == (3, b"", "stentor: there are no services\n")


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
    assert "no node is named; rollout.selector is used only if a question can show it" in done.said
    assert practice.nodes.commands == []


SERVICES = """
services:
  web: {node: "crtr,drtr", type: systemd}
  chat: {node: drtr, type: systemd}
"""


def with_services(practice: Practice, place: Path) -> None:
    (place / "nodes.yaml").write_text("nodes:\n  crtr: {address: 10.0.0.1}\n  drtr: {address: 10.0.0.2}\n")
    (place / "services.yaml").write_text(SERVICES)
    practice.fleet = practice.fleet._replace(root=str(place))


@pytest.mark.parametrize("verb", ["deploy", "restart", "start", "stop", "enable", "disable"])
def test_a_service_on_several_nodes_does_not_name_them(practice: Practice, tmp_path: Path, verb: str) -> None:
    """``services restart web *rtr*``: where the shell leaves the pattern out, it is not for all of them."""
    with_services(practice, tmp_path)
    for words in ([], ["--yes"], ["--json"]):
        done = practice.run("services", verb, "web", "chat", *words)
        assert (done.code, done.stdout) == (2, b"")
        assert done.said.startswith(
            "stentor: no node is named, and 'web' is on crtr,drtr\n"
            f"hint: for all nodes: stentor services {verb} web chat @all; "
        )
    assert practice.nodes.commands == []


def test_a_service_on_one_node_names_it(practice: Practice, tmp_path: Path) -> None:
    with_services(practice, tmp_path)
    practice.run("services", "restart", "chat")
    assert {alias for alias, _ in practice.nodes.commands} == {"drtr"}
    practice.run("services", "restart", "web", "@all")
    assert {alias for alias, _ in practice.nodes.commands} == {"crtr", "drtr"}


@pytest.mark.parametrize("words", [["restart", "web"], ["deploy"], ["deploy", "web"]])
def test_a_default_of_the_policy_is_asked_for_with_services(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with_services(practice, tmp_path)
    policy = from_plain({"rollout": {"selector": ["drtr"]}})
    practice.fleet = practice.fleet._replace(policy=policy)
    done = practice.run("services", *words, "--yes")
    assert (done.code, practice.nodes.commands) == (2, [])
    assert "rollout.selector is used only if a question can show it" in done.said
    monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: True)
    asked: list[str] = []

    def agreed(_: object, text: str) -> bool:
        asked.append(text)
        return False

    monkeypatch.setattr("stentor.cli.context.Context.agreed", agreed)
    done = practice.run("services", *words)
    assert {alias for alias, _ in practice.nodes.commands} <= {"drtr"}
    if words[0] == "restart":
        assert asked == ["rollout.selector in the policy is drtr: restart web on drtr?"]


def test_a_default_of_the_policy_is_shown(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: True)
    with_default(practice)
    assert practice.run("doctor", "--fix").said.startswith(
        "stentor: rollout.selector in the policy is crtr,drtr\n"
    )
    assert {alias for alias, _ in practice.nodes.commands} <= {"crtr", "drtr"}
