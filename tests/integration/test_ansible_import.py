"""An imported inventory leads ssh to where Ansible leads it: the line that Ansible builds is the judge."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from stentor.ssh.target import destination
from tests.ansible import Ansible
from tests.importing import fleet_of, import_from, written

pytestmark = pytest.mark.integration

# Options are set in every place that Ansible knows, and again where they must not win.
INVENTORY = {
    "hosts": """\
[web]
plain
address ansible_host=192.0.2.1
old ansible_host=192.0.2.2 ansible_ssh_host=192.0.2.3 ansible_user=a ansible_ssh_user=b ansible_ssh_port=23
named ansible_host='{{ ip }}' ip=192.0.2.4
six ansible_host=2001:db8::1
login ansible_host=me@192.0.2.7
both ansible_host=me@192.0.2.8 ansible_user=a
short:2200
[args]
late ansible_user=u ansible_ssh_common_args='-o User=common -o Port=2201'
early ansible_user=u ansible_port=1 ansible_ssh_args='-o User=first -p 2202'
extra ansible_ssh_extra_args='-l extra -p 2203'
through ansible_ssh_common_args='-J gate'
twice ansible_ssh_common_args='-o ProxyJump=first' ansible_ssh_extra_args='-o ProxyJump=second'
never ansible_ssh_common_args='-o ProxyJump=none' ansible_ssh_extra_args='-o ProxyJump=second'
elsewhere ansible_host=192.0.2.5 ansible_ssh_common_args='-o HostName=192.0.2.6'
[args:vars]
ansible_user=of_group
ansible_ssh_port=2210
[site:children]
web
args
[site:vars]
ansible_user=of_site
""",
    "group_vars/all.yml": "ansible_ssh_user: of_all\n",
    "group_vars/args/a.yml": "ansible_ssh_user: of_file\n",
    "host_vars/short": "ansible_ssh_user: of_host\n",
}


def means(arguments: Sequence[str]) -> dict[str, str]:
    """What ssh itself makes of its arguments, as far as they say where a login ends."""
    said = subprocess.run(["ssh", "-F", "none", *arguments], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    settings = dict(line.split(" ", 1) for line in said.stdout.splitlines() if " " in line)
    return {key: settings.get(key, "") for key in ("hostname", "user", "port", "proxyjump", "proxycommand")}


def lines(ansible: Ansible, folder: Path, inventory: Path) -> dict[str, dict[str, str]]:
    """Where Ansible leads ssh for each host of an inventory."""
    fake = folder / "ssh"
    fake.write_text(
        f'#!/bin/sh\nfor one; do printf "%s\\0" "$one"; done >{shlex.quote(str(folder))}/args.$$\n'
    )
    fake.chmod(0o755)
    ansible.environ |= {"ANSIBLE_SSH_EXECUTABLE": str(fake), "ANSIBLE_SSH_RETRIES": "0"}
    # The name is in the command, as all else that ssh is given may be the same for two hosts.
    ansible.run("ansible", "-i", str(inventory), "all", "-m", "raw", "-a", "true {{ inventory_hostname }}")
    led = {}
    for path in folder.glob("args.*"):
        arguments = path.read_text().split("\0")[:-1]
        led[shlex.split(arguments[-1])[-1].split()[-1].strip("'")] = means(["-G", *arguments[:-1]])
    return led


def test_ssh_is_led_where_ansible_leads_it(environ: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path / "inventory", INVENTORY)
    theirs = lines(Ansible(tmp_path, environ), tmp_path, tmp_path / "inventory")
    found = import_from("ansible", str(tmp_path / "inventory"), environ)
    fleet = fleet_of(found)
    ours = {name: means(["-G", *destination(fleet, fleet.nodes[name])]) for name in fleet.nodes}
    assert len(theirs) == len(ours) == 15
    assert ours == theirs, json.dumps(found.left, indent=1)
    assert [line for line in found.left if "template" in line or "Ansible reads nothing" in line] == []


CONFIGURED = {
    "ansible.cfg": """\
[defaults]
remote_user = root  ; of all hosts
remote_port = 2222
private_key_file = ~/.ssh/cluster
[ssh_connection]
ssh_args = "-o ProxyJump=gate -o ControlMaster=auto"
""",
    "inventories/site/hosts": """\
plain
own ansible_user=deploy
old ansible_ssh_user=pi ansible_port=23
direct ansible_ssh_args='-C'
twice ansible_ssh_common_args='-o ProxyJump=second -l late'
""",
}


def test_ansible_cfg_counts_where_the_inventory_says_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path, CONFIGURED)
    inventory = tmp_path / "inventories/site/hosts"
    ansible = Ansible(tmp_path, {**environ, "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")})
    del ansible.environ["ANSIBLE_SSH_ARGS"]
    theirs = lines(ansible, tmp_path, inventory)
    assert theirs["plain"]["user"] == "root"
    found = import_from("ansible", str(inventory), environ)
    fleet = fleet_of(found)
    ours = {name: means(["-G", *destination(fleet, fleet.nodes[name])]) for name in fleet.nodes}
    assert ours == theirs, json.dumps(found.left, indent=1)
    key = "ansible_ssh_private_key_file of plain and 4 more: ~/.ssh/cluster"
    assert found.left == [f"{tmp_path}/ansible.cfg: {key}"]
