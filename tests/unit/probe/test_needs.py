"""What nodes lack: the requirements, the script in real shells, the tasks."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.model import Fleet, Node
from stentor.fleet.needs import Need, needs
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Needs, NeedsRule
from stentor.probe.needs import as_ansible, parse, words
from stentor.sh.program import path
from tests.support import need

NODES = {"a": Node("a", "a", requires=("git", "nvim")), "b": Node("b", "b")}
POLICY = Policy(
    needs=Needs(
        packages_of={"nvim": "neovim"},
        rules=(NeedsRule(packages=("tmux",), commands=("git",)), NeedsRule(on=("b",), mounts=("/data",))),
    )
)
FLEET = Fleet("/f", NODES, {"all": ("a", "b")}, policy=POLICY)
REQUIREMENTS = [
    Need("command", "sh"),
    Need("command", "no-such-command"),
    Need("mount", "/proc"),
    Need("mount", "/it's not there"),
    Need("package", "no-such-package"),
    Need("service", "no-such-service"),
]


def test_wishes_of_the_node_and_of_the_rules() -> None:
    assert needs(FLEET, NODES["a"]) == [
        Need("command", "git"),
        Need("command", "nvim", "neovim"),
        Need("package", "tmux"),
    ]
    assert needs(FLEET, NODES["b"]) == [
        Need("command", "git"),
        Need("package", "tmux"),
        Need("mount", "/data"),
    ]


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish", "tcsh"])
def test_the_script_under_real_login_shells(shell: str) -> None:
    need(shell)
    with open(path("needs"), "rb") as script:
        argv = [shell, "-c", words(REQUIREMENTS)]
        done = subprocess.run(argv, stdin=script, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    said = list(parse(done.stdout, REQUIREMENTS).values())
    assert said[:4] == ["yes", "no", "yes", "no"]
    assert "yes" not in said[4:]


@given(st.text())
def test_anything_may_come_back(said: str) -> None:
    assert set(parse(said, REQUIREMENTS)) == set(REQUIREMENTS)
    assert parse("need 0 yes\nneed 99 yes\nneed x no\nneed 1 unknown", REQUIREMENTS)[REQUIREMENTS[0]] == "yes"


def test_tasks() -> None:
    lacking = {
        "a": [Need("command", "nvim", "neovim"), Need("service", "docker")],
        "b": [Need("mount", "/data")],
        "c": [Need("mount", "/data")],
        "d": [],
    }
    plays = yaml.safe_load(as_ansible(lacking))
    assert [play["hosts"] for play in plays] == ["a", "b,c"]
    assert plays[0]["tasks"][0]["ansible.builtin.package"] == {"state": "present", "name": ["neovim"]}
    assert plays[0]["tasks"][1]["ansible.builtin.service"]["name"] == "docker"
    asked, done = (task["ansible.builtin.command"]["argv"] for task in plays[1]["tasks"])
    assert (asked, done) == (["mountpoint", "-q", "/data"], ["mount", "/data"])
    assert yaml.safe_load(as_ansible({"a": []})) == []
