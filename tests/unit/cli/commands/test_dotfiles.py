"""``stentor dotfiles`` before nodes that answer as ``node.sh`` does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.dotfiles import change
from stentor.dotfiles.login import Proof
from stentor.fleet.policy import from_plain
from stentor.render import json_schema
from stentor.testing import FakeNodes, Reply

from ....practice import Practice, Ran, ctrl_c
from ...dotfiles.clone import Clone

REV = "1" * 40
SAID = {
    "plan": "chezmoi 2.71.0\nchange  M .zshrc\ndiff -one\ndiff +two\n",
    "preview_rollback": "change  M .zshrc\n",
    "status": f"chezmoi 2.71.0\napplied {REV} op1\nsource {REV} main\n",
    "begin": "step armed\nstep performed\nbegun op\n",
    "rollback": "step armed\nstep performed\nbegun op\n",
    "settle": "state confirmed\n",
    "revert": "state reverted\n",
    "keep": "state confirmed\n",
    "timer-install": "timer cron\n",
    "timer-remove": "timer removed\n",
}


class Nodes:
    """Fake nodes, and the command line in front of them."""

    def __init__(self, practice: Practice, home: Path) -> None:
        self.practice = practice
        self.home = home
        self.said: dict[str, str] = dict(SAID)
        self.asked: list[tuple[str, str]] = []
        practice.nodes = FakeNodes(self.reply)

    def reply(self, alias: str, command: str) -> Reply:
        if alias == "drtr":
            return Reply(kind="unreachable", reason="no answer in 5 s")
        if " stentor " not in command:
            return Reply(b"taken\n")
        verb = command.split(" stentor ")[1].split()[0]
        self.asked.append((alias, verb))
        said = self.said.get(f"{verb} {alias}", self.said[verb])
        code = 6 if said.startswith("refused ") else 0
        return Reply(f"stentor-dotfiles 1 {verb}\n{said}end {code}\n".encode(), code=code)

    def run(self, *words: str, **options: Any) -> Ran:
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        return self.practice.run("dotfiles", *words, environ=environ, **options)

    def lines(self, *words: str) -> list[dict[str, Any]]:
        """Run it with ``--json``; each line is of a published shape."""
        ran = self.run(*words, "--json")
        for line in ran.text.splitlines():
            json_schema.decode(line)
        return [json.loads(line) for line in ran.text.splitlines()]

    def verbs(self) -> set[str]:
        return {verb for _, verb in self.asked}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Nodes:
    monkeypatch.setattr(change, "prove", lambda *_: Proof((), confirmed=True))
    return Nodes(Practice(monkeypatch), tmp_path)


def kinds(lines: list[dict[str, Any]]) -> dict[str, str]:
    return {line["node"]: line["kind"] for line in lines if line["type"] == "finished"}


def assert_refused(ran: Ran, text: str) -> None:
    assert (ran.code, text in ran.said) == (6, True), ran


def test_status_is_a_table(nodes: Nodes) -> None:
    ran = nodes.run("status", "crtr,drtr", "--rev", REV)
    head, up, down = ran.text.splitlines()
    assert head.split() == ["NODE", "CHEZMOI", "REVISION", "STATE"]
    assert up.split() == ["crtr", "2.71.0", REV[:10], "up", "to", "date"]
    assert down.split() == ["drtr", *["no", "answer", "in", "5", "s"]]
    assert (ran.code, f"main is at {REV[:10]}" in ran.said) == (4, True)
    assert nodes.verbs() == {"status"}


def test_status_in_json_has_a_record_for_each_node(nodes: Nodes) -> None:
    lines = nodes.lines("status", "crtr,drtr", "--rev", REV)
    assert [line["type"] for line in lines] == ["operation", "dotfiles", "dotfiles", "report"]
    assert [line["applied"] for line in lines[1:3]] == [f"{REV} op1", ""]


def test_status_without_a_clone_here_names_the_next_step(nodes: Nodes) -> None:
    ran = nodes.run("status", "crtr")
    assert ran.code == 0
    problem, hint = ran.said.splitlines()[-2:]
    assert problem.endswith("the head of main is not known: the revision main cannot be looked up: "
                            "no clone of the dotfiles here")  # fmt: skip
    assert hint.endswith("or give a full commit with --rev")


@pytest.mark.parametrize("words", ["plan crtr", "plan crtr --via push", "push crtr --yes"])
def test_no_clone_here_is_a_mistake_of_the_call(nodes: Nodes, words: str) -> None:
    ran = nodes.run(*words.split())
    assert (ran.code, "no clone of the dotfiles here" in ran.said) == (2, True), ran


def test_a_plan_shows_nodes_that_change_alike_once(nodes: Nodes) -> None:
    ran = nodes.run("plan", "crtr,prtr", "--rev", REV)
    assert ran.text == "crtr,prtr: 1 target would change\n  modify    .zshrc\n    -one\n    +two\n"
    assert nodes.verbs() == {"plan"}


def test_a_plan_says_what_the_clone_has_that_is_not_in_it(nodes: Nodes, tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    words = ("plan", "crtr", "--via", "push", "--source", str(clone.path))
    assert "not committed" not in nodes.run(*words).said
    (clone.path / "dot_zshrc").write_text("two\n")
    said = nodes.run(*words).said
    assert f"edits in {clone.path} are not committed, and not in this revision" in said, said
    assert "not committed" not in nodes.run(*words, "--rev", "HEAD").said


@pytest.mark.parametrize("verb", ["status", "plan"])
def test_a_look_that_is_interrupted_shows_the_nodes_that_were_seen(nodes: Nodes, verb: str) -> None:
    def answer(alias: str, command: str) -> Reply:
        return Reply(seconds=30 if alias == "prtr" else 0, stdout=nodes.reply(alias, command).stdout)

    nodes.practice.nodes = FakeNodes(answer)
    with ctrl_c(0.5):
        ran = nodes.run(verb, "crtr,prtr", "--rev", REV)
    assert ran.text.count("crtr") == 1
    assert ran.said.endswith("stentor: interrupted; not seen: prtr\n")
    assert ran.code == 130


def test_an_apply_is_locked_proved_and_recorded(nodes: Nodes) -> None:
    lines = nodes.lines("apply", "crtr,prtr,drtr", "--rev", REV, "--yes", "--canary", "prtr")
    assert kinds(lines) == {"crtr": "ok", "prtr": "ok", "drtr": "unreachable"}
    assert [line["nodes"] for line in lines if line["type"] == "wave"] == [["prtr"], ["crtr"]]
    assert [line["node"] for line in lines if line["type"] == "planned"] == ["crtr", "prtr", "drtr"]
    assert [line["nodes"] for line in lines if line["type"] == "missed"] == [["drtr"]]
    assert lines[-1]["exit_code"] == 4


def test_an_apply_says_what_came_of_each_node_at_the_end(nodes: Nodes) -> None:
    nodes.said["plan prtr"] = f"applied {REV} op1\n"
    ran = nodes.run("apply", "crtr,prtr", "--rev", REV, "--yes", "--short")
    assert ran.text.splitlines()[-2:] == ["crtr: ok", "prtr: up to date"]
    assert "stentor: crtr: a new login confirmed it" in ran.said
    assert ("prtr", "begin") not in nodes.asked


def test_a_canary_that_is_up_to_date_is_no_reason_to_refuse(nodes: Nodes) -> None:
    nodes.said["plan prtr"] = f"applied {REV} op1\n"
    assert nodes.run("apply", "crtr,prtr", "--rev", REV, "--yes", "--canary", "prtr").code == 0


def test_a_dry_run_changes_nothing(nodes: Nodes) -> None:
    ran = nodes.run("apply", "crtr", "--rev", REV, "--dry-run")
    assert "dry run: nothing was changed" in ran.said
    assert nodes.verbs() == {"plan"}


@pytest.mark.parametrize("words", [["apply", "crtr", "--rev", REV], ["rollback", "crtr"]])
def test_without_a_terminal_nothing_is_done_unasked(nodes: Nodes, words: list[str]) -> None:
    assert_refused(nodes.run(*words), "not confirmed: no terminal to ask on")
    assert nodes.verbs() <= {"plan", "preview_rollback"}


def test_a_conflict_on_one_node_refuses_all(nodes: Nodes) -> None:
    nodes.said["plan prtr"] = "conflict existing .zshrc\nchange  M .zshrc\n"
    ran = nodes.run("apply", "crtr,prtr", "--rev", REV, "--yes")
    assert_refused(ran, "prtr: .zshrc: existed before chezmoi managed it")
    assert "begin" not in nodes.verbs()
    assert nodes.run("init", "crtr,prtr", "--rev", REV, "--yes").code == 0


def test_on_failure_revert_has_records_of_its_own(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    def prove(_: object, node: Any, *__: object) -> Proof:
        return Proof((), confirmed=True) if node.alias == "crtr" else Proof(("no shell",))

    monkeypatch.setattr(change, "prove", prove)
    words = ["apply", "crtr,prtr", "--rev", REV, "--yes", "--canary", "crtr", "--on-failure", "revert"]
    lines = nodes.lines(*words)
    assert kinds(lines) == {"crtr": "ok", "prtr": "failed"}
    (reverted,) = [line for line in lines if line["type"] == "reverted"]
    assert (reverted["node"], reverted["reason"]) == ("crtr", "reverted, because another node failed")
    assert lines[-1]["kinds"] == {"failed": ["crtr", "prtr"]}


def test_a_rollback_goes_by_the_nodes_own_snapshots(nodes: Nodes) -> None:
    ran = nodes.run("rollback", "crtr,drtr", "--yes")
    assert ran.text.splitlines()[-2:] == ["crtr: ok", "drtr: unreachable: no answer in 5 s"]
    assert ("crtr", "rollback") in nodes.asked


@pytest.mark.parametrize(
    ("verb", "asks", "says"), [("confirm", "keep", "confirmed"), ("revert", "revert", "reverted")]
)
def test_a_change_that_waits_is_decided(nodes: Nodes, verb: str, asks: str, says: str) -> None:
    assert_refused(nodes.run(verb, "crtr,prtr"), "no change waits to be confirmed there")
    nodes.said["status crtr"] = SAID["status"] + f"pending op2 {REV} armed 55\n"
    assert nodes.run(verb, "crtr,prtr").text == f"crtr: {says}\nprtr: nothing to decide\n"
    assert [alias for alias, asked in nodes.asked if asked == asks] == ["crtr"]


def test_a_node_which_cannot_give_its_edit_says_why_and_what_to_do(nodes: Nodes) -> None:
    clone = nodes.home / "clone"
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    nodes.said["adopt"] = "refused template dot_zshrc.tmpl is a template\n"
    words = ("adopt", "crtr", ".zshrc", "--source", str(clone), "--yes")
    ran = nodes.run(*words)
    assert (ran.code, ran.text) == (1, "crtr: failed: dot_zshrc.tmpl is a template\n"), ran
    assert "where the template is, and push it" in ran.said
    assert kinds(nodes.lines(*words)) == {"crtr": "failed"}
    assert nodes.run("adopt", "drtr", *words[2:]).code == 4
    assert nodes.run("adopt", "crtr,prtr", *words[2:]).code == 2
    nodes.said["adopt"] = "base 1\npatch ####\n"
    assert "the node's difference is damaged" in nodes.run(*words).text


def test_the_question_shows_the_nodes_that_the_policy_names(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: True)
    policy = from_plain({"rollout": {"selector": ["crtr", "prtr"]}})
    nodes.practice.fleet = nodes.practice.fleet._replace(policy=policy)
    ran = nodes.run("apply", "--rev", REV, stdin=b"n\n")
    assert ran.code == 6
    assert f"rollout.selector in the policy is crtr,prtr: bring crtr,prtr to {REV[:10]}? [y/N]" in ran.said
    assert "begin" not in nodes.verbs()
    ran = nodes.run("apply", "--rev", REV, "--short", stdin=b"y\n")
    assert (ran.code, "begin" in nodes.verbs()) == (0, True)


def test_a_timer_is_installed_asked_for_and_removed(nodes: Nodes) -> None:
    nodes.said["status"] += "timer at 1111\n"
    assert nodes.run("timer", "install", "crtr").text == "crtr: cron\n"
    assert nodes.run("timer", "status", "crtr,drtr").text == "crtr: at 1111\ndrtr: no answer in 5 s\n"
    lines = nodes.lines("timer", "remove", "crtr")
    assert [line["timer"] for line in lines if line["type"] == "timer"] == ["removed"]
    assert kinds(lines) == {"crtr": "ok"}


def test_nodes_catch_up_with_what_they_missed(nodes: Nodes) -> None:
    assert "no node has missed anything" in nodes.run("catch-up", "@all").said
    nodes.run("apply", "crtr,drtr", "--rev", REV, "--yes")
    nodes.practice.nodes = FakeNodes(answering(nodes))
    assert nodes.run("catch-up", "@all", "--yes").text.splitlines()[-1] == "drtr: ok"
    assert "no node has missed anything" in nodes.run("catch-up", "@all").said


def answering(nodes: Nodes) -> Callable[[str, str], Reply]:
    """All nodes are up."""
    return lambda _, command: nodes.reply("crtr", command)


def test_changes_are_in_the_journal(nodes: Nodes) -> None:
    nodes.run("apply", "crtr", "--rev", REV, "--yes")
    nodes.run("timer", "install", "crtr")
    rows = nodes.practice.run("history", "--json").text.splitlines()
    found = [json.loads(row) for row in rows[1:]]
    assert [(row["subcommand"], row["exit_code"]) for row in found] == [
        ("dotfiles timer install", 0),
        ("dotfiles apply", 0),
    ]
