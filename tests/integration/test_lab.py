"""The practice fleet itself: it comes up, is what it says, and leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.errors import Refused
from stentor.lab import processes
from tests.support import need

pytestmark = pytest.mark.integration


def test_five_nodes_are_machines_of_their_own(lab: labs.Lab) -> None:
    seen = {
        alias: lab.run(alias, "uname -n; id -un; pwd; cat /proc/sys/kernel/random/boot_id")
        for alias in lab.nodes
    }
    assert {ran.code for ran in seen.values()} == {0}, seen
    rows = {alias: ran.stdout.split() for alias, ran in seen.items()}
    assert {alias: row[:3] for alias, row in rows.items()} == {
        alias: [alias, alias, f"/home/{alias}"] for alias in ("crtr", "prtr", "drtr", "trtr", "zrtr")
    }
    assert len({row[3] for row in rows.values()}) == 5


def test_a_test_may_leave_a_mess(lab: labs.Lab) -> None:
    assert lab.run("crtr", "touch ~/mess; rm ~/.profile; (setsid sleep 1000 >/dev/null 2>&1 &)").code == 0
    assert (lab.home("crtr") / "mess").exists()


def test_the_next_test_has_new_nodes(lab: labs.Lab) -> None:
    assert not (lab.home("crtr") / "mess").exists()
    assert (lab.home("crtr") / ".profile").exists()
    assert "sleep" not in lab.run("crtr", "ps ax").stdout


def test_a_lab_starts_shows_its_state_and_ends(stentor: Callable[..., Any], environ: dict[str, str]) -> None:
    up = stentor("lab", "up")
    assert up.code == 0, up.stderr
    assert up.stdout == f"export STENTOR_FLEET={environ['XDG_STATE_HOME']}/stentor/lab/ssot\n"
    said = stentor("lab", "status", "--json")
    header, *nodes = [json.loads(line) for line in said.stdout.splitlines()]
    assert header["type"] == "lab"
    assert {node["node"]: node["state"] for node in nodes} == {
        "crtr": "up",
        "prtr": "down",
        "drtr": "up",
        "trtr": "up",
        "zrtr": "down",
    }
    assert stentor("lab", "down").code == 0
    again = stentor("lab", "down")
    assert (again.code, again.stderr) == (0, f"there is no lab in {environ['XDG_STATE_HOME']}/stentor/lab\n")
    gone = stentor("lab", "status")
    assert gone.code == 6
    assert "there is no lab here" in gone.stderr


def test_two_labs_at_once(make_lab: Callable[..., labs.Lab]) -> None:
    one, other = make_lab(nodes=2), make_lab(nodes=2)
    assert {node.address for node in one.nodes.values()}.isdisjoint(
        node.address for node in other.nodes.values()
    )
    for lab in (one, other):
        assert lab.run("node001", "uname -n").stdout == "node001\n"


def test_fifty_nodes_are_all_up(make_lab: Callable[..., labs.Lab]) -> None:
    lab = make_lab(nodes=50)
    assert [status.state for status in lab.status()] == ["up"] * 50


def test_killed_nodes_are_dead_until_the_next_up(make_lab: Callable[..., labs.Lab]) -> None:
    lab = make_lab()
    lab.break_("trtr", "denied")
    lab.run("crtr", "touch kept")
    for alias in ("crtr", "trtr", "zrtr"):
        processes.kill(lab.processes(alias))
        assert not processes.wait_gone(lab.processes(alias))
    states = {status.alias: status.state for status in lab.status()}
    assert states == {"crtr": "dead", "prtr": "down", "drtr": "up", "trtr": "dead", "zrtr": "dead"}
    again = labs.up(lab.directory)
    states = {status.alias: status.state for status in again.status()}
    assert states == {"crtr": "up", "prtr": "down", "drtr": "up", "trtr": "up", "zrtr": "down"}
    assert lab.run("crtr", "ls").stdout == "kept\n"
    assert lab.run("trtr", "echo in").stdout == "in\n"
    assert lab.run("zrtr", "true", options=("-o", "ConnectTimeout=1")).code == 255


def test_a_node_whose_sshd_was_killed_is_dead(make_lab: Callable[..., labs.Lab]) -> None:
    lab = make_lab(nodes=1)
    table = processes.table()
    processes.kill(pid for pid in lab.processes("node001") if "-D" in " ".join(table[pid].words[:3]))
    assert any(lab.status()[0].state == "dead" for _ in processes.ticks(5))
    labs.up(lab.directory)
    assert lab.status()[0].state == "up"


def test_files_of_a_killed_start_are_removed(make_lab: Callable[..., labs.Lab], playground: Path) -> None:
    place = playground / "debris"
    (place / "nodes" / "crtr").mkdir(parents=True)
    (place / "ssh_config.new").touch()
    lab = labs.up(place, nodes=1)
    try:
        assert lab.run("node001", "true").code == 0
    finally:
        lab.down()
    assert not place.exists()


def test_a_directory_with_other_files_is_left_alone(playground: Path) -> None:
    place = playground / "precious"
    place.mkdir()
    (place / "thesis.txt").touch()
    with pytest.raises(Refused, match="not empty and not a lab"):
        labs.up(place)
    with pytest.raises(Refused, match="there is no lab here"):
        labs.open_lab(place)
    assert [path.name for path in place.iterdir()] == ["thesis.txt"]


def test_login_shells_are_chosen(make_lab: Callable[..., labs.Lab]) -> None:
    need("zsh", "fish")
    lab = make_lab(shells=["zsh", "drtr=fish"], all_up=True)
    assert lab.run("drtr", "echo $FISH_VERSION").stdout.strip()
    assert lab.run("crtr", "echo $ZSH_VERSION").stdout.strip()


def test_programs_of_the_users_own_reach_the_nodes(make_lab: Callable[..., labs.Lab], tmp_path: Path) -> None:
    """A chezmoi in ``~/.local/bin`` is found on the nodes, in every kind of shell."""
    program = tmp_path / "chezmoi"
    program.write_text("#!/bin/sh\necho chezmoi version v0.0.0, a stand-in\n")
    program.chmod(0o755)
    if shutil.which("chezmoi", path="/usr/local/bin:/usr/bin:/bin"):
        pytest.skip("chezmoi is installed where nodes find it anyway")
    lab = make_lab(nodes=1, environ={**os.environ, "PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"})
    for command in ("chezmoi", "bash -l -c chezmoi", "sh -c chezmoi"):
        assert "a stand-in" in lab.run("node001", command).stdout
    assert lab.run("node001", "ls /usr/local/bin").stdout.split() == sorted(
        {*os.listdir("/usr/local/bin"), "chezmoi"}
    )


def test_sessions_over_one_connection_are_limited(make_lab: Callable[..., labs.Lab]) -> None:
    lab = make_lab(nodes=1, max_sessions=1)
    path = lab.directory / "m"
    master = ("-o", "ControlMaster=auto", "-o", f"ControlPath={path}", "-o", "ControlPersist=20")
    try:
        assert lab.run("node001", "true", options=master).code == 0
        # Without a master there is no way, so that ssh cannot quietly log in anew.
        over = ("-S", str(path), "-o", "ProxyCommand=false")
        words = ["ssh", "-F", str(lab.ssh_config), *over, "node001", "echo in; exec sleep 100"]
        for _ in processes.ticks(10):  # the session before may not have ended yet
            with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as first:
                assert first.stdout
                if first.stdout.readline() == b"in\n":
                    second = lab.run("node001", "true", options=over)
                    first.kill()
                    assert second.code == 255
                    break
        else:
            pytest.fail("no session over the master")
    finally:
        lab.run("node001", options=("-S", str(path), "-O", "exit"))


def test_commands_mean_the_lab_of_the_fleet(
    make_lab: Callable[..., labs.Lab], stentor: Callable[..., Any]
) -> None:
    lab = make_lab(nodes=2)
    assert stentor("lab", "break", "node001,node002", "hang", fleet=lab).code == 0
    assert lab.faults("node002") == ("hang",)
    healed = stentor("--fleet", lab.fleet_dir, "lab", "heal")
    assert healed.stderr == "healed: node001, node002\n"
    assert stentor("lab", "heal", "node001", fleet=lab).stderr == "no node is broken\n"
    assert stentor("lab", "reboot", "node001", fleet=lab).stderr == "node001 is up again\n"
