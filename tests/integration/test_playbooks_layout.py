"""`stentor init --ansible`: what it writes is clean for ansible-lint, and run for real."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.integration.dotfiles.practice import chezmois
from tests.playbooks import Playbooks, ansible_program
from tests.support import lacking, need

pytestmark = pytest.mark.integration

FILES = [
    "ansible.cfg",
    "group_vars/all.yml",
    "group_vars/gpu.yml",
    "inventory.yml",
    "playbooks/cluster.yml",
    "playbooks/dotfiles.yml",
    "playbooks/services.yml",
]


@pytest.fixture
def layout(playbooks: Playbooks) -> Path:
    """The layout, written."""
    done = playbooks.run("init", "--ansible")
    assert done.code == 0, done
    folder = playbooks.folder / "ansible"
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == FILES
    return folder


def variables(layout: Path, **values: Any) -> None:
    """What a user would set in group_vars."""
    path = layout / "group_vars/all.yml"
    lines = path.read_text().splitlines()
    for name, value in values.items():
        (number,) = (n for n, line in enumerate(lines) if line.startswith(f"{name}:"))
        lines[number] = f"{name}: {json.dumps(value)}"
    path.write_text("\n".join(lines) + "\n")


def test_it_is_clean_for_ansible_lint_at_its_strictest(layout: Path, playbooks: Playbooks) -> None:
    program = ansible_program("ansible-lint")
    if not os.path.exists(program):
        need("ansible-lint")
        program = "ansible-lint"
    words = [program, "--offline", "--strict", "--profile", "production", "--nocolor"]
    done = subprocess.run(words, cwd=layout, env=playbooks.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Profile 'production' was required, and it passed" in done.stderr


def test_what_is_there_is_not_replaced(layout: Path, playbooks: Playbooks) -> None:
    (layout / "group_vars/all.yml").write_text("mine: true\n")
    done = playbooks.run("init", "--ansible")
    assert (done.code, "exists already" in done.stderr) == (6, True), done
    assert (layout / "group_vars/all.yml").read_text() == "mine: true\n"
    assert playbooks.run("init", "--ansible", "--force").code == 0
    assert "dotfiles_repository" in (layout / "group_vars/all.yml").read_text()


def test_the_inventory_is_kept_up_to_date_by_an_export(layout: Path, playbooks: Playbooks) -> None:
    before = (layout / "inventory.yml").read_text()
    done = playbooks.run("export", "ansible", "-w", str(layout / "inventory.yml"))
    assert done.code == 0, done
    assert (layout / "inventory.yml").read_text() == before


@pytest.mark.timeout(300)  # four runs of eight tasks
def test_dotfiles_are_installed_cloned_and_applied(lab: Lab, layout: Path, playbooks: Playbooks) -> None:
    found = chezmois()
    if not found:
        lacking("no chezmoi: make tools")
    home = lab.home("drtr")
    shutil.copy(found[-1], home / "chezmoi-to-install")
    digest = hashlib.sha256((home / "chezmoi-to-install").read_bytes()).hexdigest()
    begin = "git init -q -b main repository && cd repository && git config user.email me@here"
    first = "git config user.name Me && echo 'set number' > dot_vimrc && git add . && git commit -q -m One"
    assert lab.run("drtr", f"{begin} && {first}").code == 0
    assert lab.run("drtr", "command -v chezmoi").code != 0, "it is installed by the playbook"
    variables(
        layout,
        dotfiles_repository="/home/drtr/repository",
        chezmoi_url="file:///home/drtr/chezmoi-to-install",
        chezmoi_checksum=f"sha256:{digest}",
    )
    said = playbooks.play("ansible/playbooks/dotfiles.yml", "drtr")
    assert said.code == 0, said
    assert (home / ".vimrc").read_text() == "set number\n"
    again = playbooks.play("ansible/playbooks/dotfiles.yml", "drtr")
    assert "changed" not in again.text("drtr").replace("unchanged", ""), again.text("drtr")
    lab.run("drtr", "cd repository && echo 'set list' > dot_vimrc && git commit -q -a -m Two")
    dry = playbooks.run("playbook", "ansible/playbooks/dotfiles.yml", "drtr", "-n")
    assert dry.code == 0, dry
    assert (home / ".vimrc").read_text() == "set number\n"
    assert playbooks.play("ansible/playbooks/dotfiles.yml", "drtr").code == 0
    assert (home / ".vimrc").read_text() == "set list\n"


def test_services_and_the_whole_cluster_run(lab: Lab, layout: Path, playbooks: Playbooks) -> None:
    (layout / "playbooks/files").mkdir()
    (layout / "playbooks/files/conf").write_text("one\n")
    own = {"src": "files/conf", "dest": "/home/drtr/conf", "owner": "drtr", "group": "drtr"}
    variables(layout, service_files=[own])
    mine = ("-e", "ansible_become=false")  # a practice node has no sudo
    said = playbooks.play("ansible/playbooks/services.yml", "drtr", *mine)
    assert said.code == 0, said
    assert (lab.home("drtr") / "conf").read_text() == "one\n"
    (layout / "group_vars/gpu.yml").write_text("gpu_packages: []\ngpu_check: touch /home/drtr/checked\n")
    whole = playbooks.play("ansible/playbooks/cluster.yml", "drtr", *mine)
    assert whole.finished()["drtr"]["reason"].startswith("task 'Stop where there is no chezmoi'"), whole
    assert (lab.home("drtr") / "checked").exists()


def test_a_fleet_without_gpus_has_no_play_for_them(playbooks: Playbooks, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small/nodes.yaml").write_text("nodes:\n  one: {address: 127.0.0.9}\n")
    done = playbooks.run("init", "--ansible", "out", fleet=tmp_path / "small")
    assert done.code == 0, done
    assert not (tmp_path / "out/group_vars/gpu.yml").exists()
    assert "gpu" not in (tmp_path / "out/playbooks/cluster.yml").read_text()
