"""make reads the Makefile: what it would do, and what it does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stentor.export.view import CannotSayError
from stentor.fleet.model import Fleet, Node
from tests.readers import fleet_of, made, nasty, said, write


def make(folder: Path, *words: str) -> str:
    return said("make", "-s", "--no-print-directory", "-f", "Makefile", *words, cwd=folder)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder in which files are named like targets, and an ssh that writes down its words."""
    for name in ("status-on", "sync-on", "help", "cluster-status", "on"):
        (tmp_path / name).touch()
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text('#!/bin/sh\nprintf "%s\\n" "$@" === >>"$LOG"\n[ "$FAIL" ] && exit 255; echo "up 1 day"\n')
    ssh.chmod(0o755)
    return tmp_path


def run(folder: Path, *words: str, fail: str = "") -> tuple[str, list[list[str]]]:
    log = folder / "log"
    log.write_text("")
    environ = {"PATH": f"{folder}/bin:/usr/bin:/bin", "LOG": str(log), "FAIL": fail, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["make", "-s", "-f", "Makefile", *words], cwd=folder, env=environ, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    calls = [call.strip("\n").split("\n") for call in log.read_text().split("===\n")[:-1]]
    return done.stdout, calls


def test_every_target_is_known_and_help_comes_first(world: Path) -> None:
    fleet = nasty()
    write(world / "Makefile", "make", fleet)
    assert make(world).startswith("help ")
    targets = [f"{prefix}-{alias}" for alias in fleet.nodes for prefix in ("ssh", "status", "sync")]
    targets += [
        f"{prefix}-{group}" for group in fleet.groups for prefix in ("status", "sync") if group != "all"
    ]
    planned = make(world, "-n", *targets, "help", "cluster-status", "sync-dotfiles", "deploy-services")
    for alias in fleet.nodes:
        assert f"-- {alias}\n" in planned, "ssh-NODE"
        assert f"-- {alias} uptime" in planned, "status-NODE"
        assert f"-- {alias} 'chezmoi update'" in planned, "sync-NODE"
    assert "ansible-playbook -i 'ansible/inventory.yml' 'ansible/services.yml'" in planned
    assert len(make(world, "-p", "-n", "help").split()) > 100


def test_words_arrive_at_ssh_as_they_are(world: Path) -> None:
    users = ["dom\\me", "a#b", "a%b", "é", "*", "a=b", "a:b", "a,b", "~x", "a!b", "[x]", "a?b"]
    nodes = {
        f"n{number}": Node(f"n{number}", "n", ("fe80::1%eth0",), user) for number, user in enumerate(users)
    }
    write(world / "Makefile", "make", Fleet("/f", nodes, {"all": tuple(nodes)}))
    out, calls = run(world, "cluster-status", "-j", "1")
    assert [line.split() for line in out.splitlines()] == [[f"{alias}:", "up", "1", "day"] for alias in nodes]
    got = [word for call in calls for word in call if word.startswith("User=")]
    assert got == ["User=" + user.replace("\\", "\\\\") for user in users], "as stentor itself says it"
    assert all("HostName=fe80::1%%eth0" in call for call in calls)


def test_a_node_that_does_not_answer_is_down(world: Path) -> None:
    write(world / "Makefile", "make", fleet_of("nodes: {a: , b: }\ngroups: {g: b}\n"))
    out, _ = run(world, "status-g", fail="yes")
    assert out.split() == ["b:", "DOWN"]


def test_dotfiles_are_updated_where_a_node_is_expected_up(world: Path) -> None:
    fleet = fleet_of("nodes: {a: , b: {state: down}, c: }\ngroups: {g: 'a,b'}\n")
    write(world / "Makefile", "make", fleet)
    _, calls = run(world, "sync-dotfiles", "-j", "1")
    assert [call[-2:] for call in calls] == [["a", "chezmoi update"], ["c", "chezmoi update"]]
    _, calls = run(world, "sync-g")
    assert [call[-2:] for call in calls] == [["a", "chezmoi update"]]


def test_this_machine_needs_no_ssh(world: Path) -> None:
    write(world / "Makefile", "make", fleet_of("nodes: {a: }\n"), local="a")
    out, calls = run(world, "status-a")
    assert (out.startswith("a: "), calls) == (True, [])


def test_a_node_called_dotfiles_is_refused() -> None:
    with pytest.raises(CannotSayError, match="would be the target sync-dotfiles"):
        made("make", fleet_of("nodes: {dotfiles: }\n"))
