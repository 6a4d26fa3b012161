"""``facts``, ``needs`` and ``doctor --undo`` on the command line, with nodes in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice

NODES = {
    "a": Node("a", "", requires=("git", "tmux")),
    "b": Node("b", ""),
    "c": Node("c", "", requires=("git",)),
}


@pytest.fixture
def stentor(monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr("stentor.cli.context.Context.fleet_root", lambda *_: "/fleet")
    practice = Practice(monkeypatch)
    practice.fleet = Fleet("/fleet", NODES, {"all": tuple(NODES)})
    return practice


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def needs(alias: str, command: str) -> Reply:
    if alias == "c":
        return Reply(kind="unreachable", reason="no answer in 5 s")
    return Reply(b"need 0 yes\nneed 1 no\n") if command else Reply()


def test_needs_asks_only_nodes_of_which_something_is_required(stentor: Practice) -> None:
    stentor.nodes = FakeNodes(needs)
    ran = stentor.run("needs")
    assert ran.text == "a: lacks command tmux\n"
    assert "c: unreachable: no answer in 5 s" in ran.said
    assert ran.code != 0
    assert [alias for alias, _ in stentor.nodes.commands] == ["a"]
    shown = stentor.run("needs", "a", "--all")
    assert (shown.code, shown.text) == (1, "a: has command git\na: lacks command tmux\n")


def test_needs_as_lines_and_as_tasks(stentor: Practice) -> None:
    stentor.nodes = FakeNodes(needs)
    found = lines(stentor.run("needs", "a", "--json").text)
    assert [line["type"] for line in found] == ["operation", "began", "needs", "report"]
    assert (found[2]["lacks"], found[2]["has"]) == (
        [{"category": "command", "name": "tmux"}],
        [{"category": "command", "name": "git"}],
    )
    assert "- hosts:" in stentor.run("needs", "a", "--as", "ansible").text


def test_needs_of_nodes_that_require_nothing(stentor: Practice) -> None:
    ran = stentor.run("needs", "b")
    assert (ran.code, ran.said.splitlines()[0]) == (0, "the fleet requires nothing of these nodes")
    found = lines(stentor.run("needs", "b", "--json").text)
    assert [(line["type"], line["nodes"]) for line in found] == [("operation", []), ("report", 0)]
    assert stentor.run("needs", "b", "--as", "ansible").text == "[]\n"


def test_needs_is_in_the_journal(stentor: Practice) -> None:
    stentor.nodes = FakeNodes(needs)
    stentor.run("needs", "a")
    record = lines(stentor.run("show", "--json").text)[1]
    assert (record["subcommand"], record["selector"], [node["kind"] for node in record["nodes"]]) == (
        "needs", "a", ["ok"],
    )  # fmt: skip


def test_facts_that_come_to_no_end_are_said(stentor: Practice) -> None:
    ran = stentor.run("facts", "a")
    assert "a: shell-broken: the probe did not come to its end; no facts are known" in ran.said


def test_known_facts_touch_no_node(stentor: Practice) -> None:
    ran = stentor.run("facts", "--known", "--json")
    assert [line.get("at") for line in lines(ran.text)[1:-1]] == [None] * 3
    assert stentor.nodes.commands == []
    assert stentor.run("facts", "--known", "--changed").said == "nothing differs\n"


def test_undo_of_a_snapshot_says_what_was_restored(stentor: Practice) -> None:
    restored = Reply(b"snapshot restored .ssh/rc\n")
    stentor.nodes = FakeNodes(lambda _, command: restored if "lock_" not in command else Reply(b"taken\n"))
    ran = stentor.run("doctor", "--undo", "20250101-000000-abcdef", "a", "--yes")
    assert (ran.code, ran.text) == (0, "a: restored: ~/.ssh/rc\n")
    found = lines(stentor.run("doctor", "--undo", "20250101-000000-abcdef", "a", "--json").text)
    assert [line["type"] for line in found] == ["operation", "began", "undone", "report"]
    assert found[2]["restored"] == ["~/.ssh/rc"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--yes",), "--yes belongs to --fix"),
        (("--fix",), "--fix asks before each fix"),
        (("--fix", "--yes", "--undo", "1"), "--fix and --undo at once"),
        (("--undo", "7"), "no operation 7"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    stentor: Practice, words: tuple[str, ...], said: str
) -> None:
    ran = stentor.run("doctor", *words)
    assert (ran.code, said in ran.said) == (2, True)
