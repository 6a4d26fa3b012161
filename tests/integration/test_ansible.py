"""`stentor export ansible`, as Ansible reads it, and on nodes which it reaches by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stentor import Fleet
from stentor.export.ansible import make
from stentor.export.view import Known, View
from stentor.lab import Lab
from tests.ansible import Ansible

pytestmark = pytest.mark.integration

PLAYBOOK = """\
- hosts: core
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        dest: ~/who
        content: "{{ inventory_hostname }} {{ stentor_role }} {{ stentor_facts.os }}\\n"
"""


def test_nodes_are_reached_by_what_is_exported(
    lab: Lab, stentor: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    path, ansible = tmp_path / "inventory.yaml", Ansible(tmp_path, environ)
    assert stentor("facts", "@core").code == 0
    assert stentor("export", "ansible", "-o", str(path)).code == 0
    assert stentor("export", "ansible").stdout == path.read_text(), "the same each time"
    read = ansible.listed(path)
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    for group, members in fleet.data.groups.items():
        if group != "all":
            assert read[group]["hosts"] == list(members)
    hosts = read["_meta"]["hostvars"]
    assert set(hosts) == set(fleet.data.nodes)
    facts = fleet.facts()
    assert set(facts) == set(fleet.data.groups["core"])
    for alias, known in facts.items():
        (as_of,) = {hosts[alias]["stentor_facts"].pop("as_of")}
        assert as_of.endswith("Z")
        assert hosts[alias]["stentor_facts"] == known
    assert "stentor_facts" not in hosts["trtr"]
    playbook = tmp_path / "play.yaml"
    playbook.write_text(PLAYBOOK)
    recap = ansible.play(path, playbook)
    assert {host: count["changed"] for host, count in recap.items()} == dict.fromkeys(facts, 1)
    for alias in facts:
        said = lab.run(alias, "cat ~/who").stdout
        assert said == f"{alias} {hosts[alias]['stentor_role']} {facts[alias]['os']}\n"
    assert {count["changed"] for count in ansible.play(path, playbook).values()} == {0}


def test_what_a_node_says_is_never_run(lab: Lab, environ: dict[str, str], tmp_path: Path) -> None:
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)
    bad = f"{{{{ lookup('pipe', 'touch {tmp_path}/run') }}}}"
    path = tmp_path / "inventory.yaml"
    known = {"crtr": Known(0.0, {"cpu": bad})}
    path.write_text(make(View(fleet.data, fleet.select("crtr").nodes, known)).text)
    playbook = tmp_path / "play.yaml"
    playbook.write_text(
        "- hosts: all\n  gather_facts: false\n  connection: local\n"
        f"  vars: {{ansible_remote_tmp: {tmp_path}/remote}}\n  tasks:\n"  # not in the home of crtr's user
        f"    - ansible.builtin.copy: {{dest: {tmp_path}/said, content: '{{{{ stentor_facts.cpu }}}}'}}\n"
    )
    Ansible(tmp_path, environ).play(path, playbook)
    assert (tmp_path / "said").read_text() == bad
    assert not (tmp_path / "run").exists()


def test_another_file_is_not_written_over(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_text("all:\n")
    said = stentor("export", "ansible", "-o", str(path))
    assert (said.code, path.read_text()) == (6, "all:\n")
    assert "exists and was not written by 'stentor export ansible'; not overwritten" in said.stderr
    path.unlink()
    for _ in range(2):
        assert stentor("export", "ansible", "@gpu", "-o", str(path)).code == 0
    assert path.read_text().splitlines()[0] == "# BEGIN stentor export ansible"
    assert [file.name for file in tmp_path.iterdir()] == ["inventory.yaml"]
    nowhere = stentor("export", "ansible", "-o", str(tmp_path / "no/where"))
    assert "cannot be written" in nowhere.stderr


def test_what_ssh_knows_of_an_alias_alone_is_kept(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    """ssh_config says the same of each address as of the alias; of one node it says more of the alias."""
    text = lab.ssh_config.read_text()
    address = lab.node("drtr").address
    lab.ssh_config.write_text(f"Host drtr\n    ForwardAgent yes\n{text}")
    try:
        said = stentor("export", "ansible", "crtr,drtr").stdout
    finally:
        lab.ssh_config.write_text(text)
    crtr, _, drtr = said.partition('    "drtr":')
    assert f'"ansible_host": "{lab.node("crtr").address}"' in crtr
    assert "ansible_host" not in drtr.partition("children")[0]
    assert f"HostName={address}" in drtr
