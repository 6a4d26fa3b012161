"""``stentor migrate``: phases, their checks, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stentor.fleet.load import load
from stentor.testing import FakeNodes, Reply
from tests.practice import FLEET, Practice, Ran

POLICY = """
migrate:
  phases:
    "1": {title: the gateway}
    "2": {title: GPUs, checks: [nvidia-smi, test -x /opt/tool]}
"""
FILE = """
nodes:
  cooperator: {alias: crtr, address: 192.168.254.10, phase: 1, migrated: true}
  projector: {alias: prtr, address: 192.168.254.20, phase: 2, migrated: true}
  director: {alias: drtr, address: 192.168.254.30, phase: 2}
  terminator: {alias: trtr, address: 192.168.254.40, phase: 3, state: down}
"""


class Bench:
    """The command line in front of a fleet with three phases."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.practice = Practice(monkeypatch)
        self.folder = folder
        self.file = folder / "nodes.yaml"
        self.file.write_text(FILE)
        (folder / "policy.yaml").write_text(POLICY)
        self.practice.fleet = load(str(folder), environ={}, cwd="/")
        self.answer = Reply(b"check 0 0\ncheck 1 0\n")
        self.practice.nodes = FakeNodes(lambda *_: self.answer)

    def run(self, *words: str) -> Ran:
        environ = {"STENTOR_FLEET": str(self.folder), "HOME": str(self.folder)}
        return self.practice.run("migrate", *words, environ=environ)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(monkeypatch, tmp_path)


def refused(ran: Ran, code: int, text: str) -> None:
    assert (ran.code, text in ran.said) == (code, True), ran


def test_status_names_the_phase_in_progress(bench: Bench) -> None:
    assert bench.run().text == (
        "phase 1: the gateway  (done)\n"
        "  done: crtr\n"
        "phase 2: GPUs  (in progress)\n"
        "  done: prtr\n"
        "  left: drtr\n"
        "  check: nvidia-smi\n"
        "  check: test -x /opt/tool\n"
        "phase 3  (waiting)\n"
        "  left: trtr (down)\n"
    )
    lines = [json.loads(line) for line in bench.run("--json").text.splitlines()]
    assert [(line["done"], line["left"], line["current"], line["state"]) for line in lines[1:]] == [
        (["crtr"], [], False, "done"),
        (["prtr"], ["drtr"], True, "in progress"),
        ([], ["trtr"], False, "waiting"),
    ]


def test_fleet_without_phases_is_an_error(bench: Bench) -> None:
    bench.practice.fleet = FLEET
    refused(bench.run(), 2, "no node has a phase")


def test_check_runs_on_the_nodes_of_the_current_phase(bench: Bench) -> None:
    bench.answer = Reply(b"check 0 0\ncheck 1 3\n")
    ran = bench.run("check")
    assert ran.text == (
        "drtr: not all checks passed\n  passed: nvidia-smi\n  failed (exit code 3): test -x /opt/tool\n"
    )
    assert ran.code == 1
    assert [alias for alias, _ in bench.practice.nodes.commands] == ["drtr"]
    lines = [json.loads(line) for line in bench.run("check", "--json").text.splitlines()]
    assert lines[-1]["exit_code"] == 1


def test_check_of_nodes_that_are_named(bench: Bench) -> None:
    ran = bench.run("check", "crtr,prtr")
    assert (ran.code, ran.text.splitlines()) == (
        0,
        [
            "crtr: its phase has no checks",
            "prtr: all checks passed",
            "  passed: nvidia-smi",
            "  passed: test -x /opt/tool",
        ],
    )


def test_check_of_a_node_that_does_not_answer(bench: Bench) -> None:
    bench.answer = Reply(kind="unreachable", reason="no answer in 5 s")
    ran = bench.run("check")
    assert (ran.code, ran.text.splitlines()[:2]) == (
        1,
        ["drtr: no answer in 5 s", "  not run: nvidia-smi"],
    )


def test_done_marks_the_node_in_its_file(bench: Bench) -> None:
    shown = bench.run("done", "drtr", "--dry-run")
    refused(shown, 0, "nothing was written")
    assert bench.file.read_text() == FILE
    ran = bench.run("done", "drtr")
    refused(ran, 0, "drtr: 2 checks passed; phase 2 is done\n")
    assert ran.text == shown.text
    assert load(str(bench.folder), environ={}, cwd="/").nodes["drtr"].migrated


def test_done_is_refused_where_a_check_fails_or_a_phase_waits(bench: Bench) -> None:
    bench.answer = Reply(b"check 0 1\ncheck 1 0\n")
    refused(bench.run("done", "drtr"), 6, "check failed: nvidia-smi")
    refused(bench.run("done", "trtr"), 6, "phase 2 is not done yet: drtr")
    refused(bench.run("done"), 2, "no node is named")
    assert bench.file.read_text() == FILE


def test_nothing_is_left_to_check_when_all_are_done(bench: Bench) -> None:
    nodes = {alias: node._replace(migrated=True) for alias, node in bench.practice.fleet.nodes.items()}
    bench.practice.fleet = bench.practice.fleet._replace(nodes=nodes)
    refused(bench.run("check"), 0, "every phase is done")


def test_a_phase_without_nodes_is_empty_and_not_done(bench: Bench) -> None:
    bench.file.write_text(
        FILE.replace("phase: 3, state: down", "phase: 3, state: retired").replace("phase: 1", "phase: 4")
    )
    bench.practice.fleet = load(str(bench.folder), environ={}, cwd="/")
    said = [line for line in bench.run().text.splitlines() if line.startswith("phase")]
    assert said == [
        "phase 1: the gateway  (empty)",
        "phase 2: GPUs  (in progress)",
        "phase 3  (empty)",
        "phase 4  (done)",
    ]
    records = [json.loads(line) for line in bench.run("--json").text.splitlines()][1:]
    assert [record["state"] for record in records] == ["empty", "in progress", "empty", "done"]


def test_no_phase_is_done_while_none_has_a_node(bench: Bench) -> None:
    bench.file.write_text("nodes: {a: }\n")
    bench.practice.fleet = load(str(bench.folder), environ={}, cwd="/")
    assert bench.run("check").said == "no phase has a node yet\n"
    bench.file.write_text("nodes: {a: {phase: 1, migrated: true}}\n")
    bench.practice.fleet = load(str(bench.folder), environ={}, cwd="/")
    assert bench.run("check").said == "every phase is done\n"
