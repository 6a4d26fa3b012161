"""Playbooks in waves: gates, canaries, reverts, and batches of the play's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import Fleet
from stentor.lab import Lab
from tests.playbooks import Playbooks, command, play, wait

pytestmark = pytest.mark.integration

CHANGE = command("Change", "date +%s%N > ~/changed")
UNDO = {"name": "Undo", "ansible.builtin.file": {"path": "~/changed", "state": "absent"}}


@pytest.fixture
def many(lab: Lab) -> Iterator[list[Path]]:
    """The file that the playbook makes on each node, in the order of the fleet."""
    yield [lab.home(alias) / "changed" for alias in ("crtr", "prtr", "drtr", "trtr")]


def test_a_gate_that_fails_stops_it_and_the_playbook_that_reverts_it_is_run(
    lab: Lab, playbooks: Playbooks, many: list[Path]
) -> None:
    playbooks.write("site.yml", play("all", CHANGE), head="# stentor: revert=undo.yml\n")
    playbooks.write("undo.yml", play("all", UNDO))
    (lab.home("drtr") / "bad").touch()
    said = playbooks.play("site.yml", "prtr,drtr,trtr", "--waves", "1", "--gate", "test ! -e ~/bad")
    assert said.code == 1, said
    assert [one["node"] for one in said.records if one["type"] == "gate"] == ["drtr"]
    reverted = {one["node"]: one["reason"] for one in said.records if one["type"] == "reverted"}
    assert set(reverted) == {"prtr", "drtr"}
    assert said.kinds()["trtr"] == "cancelled"
    assert not any(path.exists() for path in many)
    shown = playbooks.run("playbook", "site.yml", "prtr", "-n").stderr
    assert "to revert: undo.yml" in shown


def test_the_policy_names_the_playbook_that_reverts_one_that_does_not(
    lab: Lab, playbooks: Playbooks, many: list[Path]
) -> None:
    site, undo = (
        playbooks.write(name, play("all", task)) for name, task in (("s.yml", CHANGE), ("u.yml", UNDO))
    )
    policy = lab.fleet_dir / "policy.yaml"
    before = policy.read_text() if policy.exists() else None
    try:
        policy.write_text(f"{before or ''}\nplaybooks: {{revert: {{{site}: {undo}}}}}\n")
        said = playbooks.play("s.yml", "prtr", "--gate", "false")
        undo.unlink()
        missing = playbooks.run("playbook", "s.yml", "prtr", "-n")
    finally:
        policy.write_text(before) if before is not None else policy.unlink()
    assert [one["node"] for one in said.records if one["type"] == "reverted"] == ["prtr"], said
    assert not any(path.exists() for path in many)
    assert (missing.code, f"there is no playbook {undo}" in missing.stderr) == (2, True)


def test_without_a_playbook_that_reverts_it_the_node_keeps_it_and_that_is_said(
    lab: Lab, playbooks: Playbooks, many: list[Path]
) -> None:
    playbooks.write("site.yml", play("all", CHANGE))
    said = playbooks.play("site.yml", "prtr,drtr", "--canary", "prtr", "--gate", "false")
    assert (said.code, said.kinds()) == (1, {"prtr": "failed", "drtr": "cancelled"})
    assert said.finished()["prtr"]["hint"] == ""
    assert [path.exists() for path in many] == [False, True, False, False]


def test_a_playbook_that_reverts_and_is_not_there_is_an_error_before(playbooks: Playbooks, lab: Lab) -> None:
    playbooks.write("site.yml", play("all", CHANGE), head="#\n# stentor: revert=none.yml\n")
    done = playbooks.run("playbook", "site.yml", "drtr", "--yes")
    assert (done.code, done.stderr.splitlines()[0]) == (
        2,
        "stentor: site.yml:2:19: there is no playbook none.yml to take it back",
    )


def test_batches_of_the_plays_own_go_on_inside_of_a_wave(
    lab: Lab, playbooks: Playbooks, many: list[Path]
) -> None:
    playbooks.write("site.yml", play("all", CHANGE, command("Last", "true"), serial=1))
    said = playbooks.play("site.yml", "crtr,prtr,drtr,trtr", "--waves", "2")
    assert said.code == 0, said
    assert [one["nodes"] for one in said.records if one["type"] == "wave"] == [
        ["crtr", "prtr"],
        ["drtr", "trtr"],
    ]
    times = [int(path.read_text()) for path in many]
    assert times == sorted(times)


def test_hosts_of_batches_that_were_not_begun_are_not_called_done(lab: Lab, playbooks: Playbooks) -> None:
    fail = command("Fail on the first", "false", when="inventory_hostname == 'crtr'")
    playbooks.write("site.yml", play("all", fail, CHANGE, serial=1))
    said = playbooks.play("site.yml", "crtr,prtr,drtr", "--max-failures", "3")
    assert said.kinds() == {"crtr": "failed", "prtr": "cancelled", "drtr": "cancelled"}, said
    assert "was not begun, since other nodes failed" in said.finished()["prtr"]["reason"]
    playbooks.write("all.yml", play("all", fail, CHANGE, any_errors_fatal=True))
    said = playbooks.play("all.yml", "crtr,prtr,drtr")
    assert said.kinds() == {"crtr": "failed", "prtr": "cancelled", "drtr": "cancelled"}, said
    assert not (lab.home("prtr") / "changed").exists()


def test_no_other_operator_changes_the_nodes_meanwhile(lab: Lab, playbooks: Playbooks) -> None:
    begin = command("Begin", "touch ~/begun")
    hold = {"name": "Hold", "ansible.builtin.wait_for": {"path": "~/go", "timeout": 60}}
    playbooks.write("site.yml", play("drtr", begin, hold))
    process = playbooks.start("site.yml")
    wait((lab.home("drtr") / "begun").exists, "it has begun")
    done = playbooks.run("playbook", "site.yml", "@all", "--yes")
    (lab.home("drtr") / "go").touch()
    assert playbooks.end(process).code == 0
    assert done.code == 6, done
    assert "drtr" in done.stderr


def test_from_python_it_is_the_same(lab: Lab, playbooks: Playbooks, environ: dict[str, str]) -> None:
    path = playbooks.write("site.yml", play("gpu", CHANGE))
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    results = fleet.select("prtr").playbook(str(path))
    assert [(result.node, result.kind) for result in results] == [("prtr", "ok")]
    assert results["prtr"].text.startswith("changed: Change")
    again = fleet.rerun(results.operation.number if results.operation else 0)
    assert [result.kind for result in again] == ["ok"]
    assert threading.active_count() == 1
