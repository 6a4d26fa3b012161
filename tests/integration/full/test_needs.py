"""`needs --as ansible`, given to Ansible: what was lacking is there, and a second run changes nothing."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from tests.ansible import Ansible
from tests.support import need, need_root

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]

RULES = """\
needs:
  packages_of: {practise: practice-tools}
  rules:
    - {on: drtr, commands: [sed, practise], mounts: [/mnt/practice], services: [practice]}
"""
SERVICE = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
"""
# What an administrator would have prepared: a repository of packages, a unit, a line of fstab.
PREPARE = """\
set -e
sudo mkdir -p /srv/practice /mnt/practice
sudo mv ~/practice-tools.deb ~/Packages /srv/practice
list=/etc/apt/sources.list.d/practice.list
echo 'deb [trusted=yes] file:/srv/practice ./' | sudo tee $list >/dev/null
sudo apt-get -qq update -o Dir::Etc::sourcelist=$list -o Dir::Etc::sourceparts=-
sudo mv ~/practice.service /etc/systemd/system
sudo systemctl daemon-reload
echo 'tmpfs /mnt/practice tmpfs size=1m 0 0' | sudo tee -a /etc/fstab >/dev/null
"""


def package(folder: Path) -> tuple[bytes, str]:
    """A package with a command, and the index of a repository which has it alone."""
    root = folder / "practice-tools"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "usr/bin").mkdir(parents=True)
    control = "Package: practice-tools\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\n"
    control += "Description: for practice\n"
    (root / "DEBIAN/control").write_text(control)
    (root / "usr/bin/practise").write_text("#!/bin/sh\necho practised\n")
    (root / "usr/bin/practise").chmod(0o755)
    built = folder / "practice-tools.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", str(root), str(built)], check=True, capture_output=True
    )
    data = built.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return data, f"{control}Filename: ./practice-tools.deb\nSize: {len(data)}\nSHA256: {digest}\n\n"


def test_what_is_lacking_is_given_once(
    lab: labs.Lab, stentor: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    need_root()
    need("dpkg-deb")
    data, index = package(tmp_path)
    home = lab.home("drtr")
    (home / "practice-tools.deb").write_bytes(data)
    (home / "Packages").write_text(index)
    (home / "practice.service").write_text(SERVICE)
    prepared = lab.run("drtr", PREPARE, timeout=60)
    assert prepared.code == 0, prepared
    policy = lab.fleet_dir / "policy.yaml"
    before = policy.read_text() if policy.exists() else None
    policy.write_text(RULES)
    try:
        assert lacks(stentor) == ["practise", "/mnt/practice", "practice"]
        playbook, inventory = tmp_path / "fix.yaml", tmp_path / "inventory.yaml"
        playbook.write_text(stentor("needs", "drtr", "--as", "ansible").stdout)
        assert stentor("export", "ansible", "drtr", "-o", str(inventory)).code == 0
        ansible = Ansible(tmp_path, environ)
        checked = ansible.play(inventory, playbook, "--check")
        assert (checked["drtr"]["failed"], checked["drtr"]["changed"] >= 2) == (0, True)
        assert lacks(stentor) == ["practise", "/mnt/practice", "practice"], "a check gives nothing"
        assert ansible.play(inventory, playbook)["drtr"]["changed"] == 3
        assert lacks(stentor) == []
        assert lab.run("drtr", "practise").stdout == "practised\n"
        assert ansible.play(inventory, playbook)["drtr"]["changed"] == 0
    finally:
        policy.unlink() if before is None else policy.write_text(before)


def lacks(stentor: Any) -> list[str]:
    """What drtr lacks by stentor's word."""
    said = stentor("needs", "drtr", "--json")
    (line,) = [line for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "needs"]
    assert line["kind"] == "ok"
    return [lacking["name"] for lacking in line["lacks"]]
