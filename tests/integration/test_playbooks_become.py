"""``become`` by a real sudo that asks for a password: typed once, and seen by nobody else."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.accounts import as_tess, make_account
from tests.playbooks import Playbooks, command, kept_nowhere, play, seen_here, shown, typed, wait
from tests.terminal import Tmux

pytestmark = pytest.mark.integration

PASSWORD = "open-sesame-become"


@pytest.fixture
def lab(make_lab: Callable[..., Lab]) -> Lab:
    """Nodes on which sudo is the real one: in a sandbox of one account it gains nothing."""
    # Debian's Python and no other: what a version manager puts into PATH need not run.
    environ = {**os.environ, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    return make_lab(backend="plain", all_up=True, environ=environ)


@pytest.fixture
def sudo(tmp_path: Path, playbooks: Playbooks) -> dict[str, object]:
    """Variables by which Ansible uses sudo as an account that has to give its password."""
    # It logs in as root, of which it would not make root otherwise.
    (playbooks.folder / "ansible.cfg").write_text("[privilege_escalation]\nbecome_allow_same_user = true\n")
    folder = tmp_path / "account"
    folder.mkdir()
    words = as_tess(make_account(folder, PASSWORD), "tess ALL=(ALL) ALL", 'exec sudo "$@"')
    program = folder / "sudo-as-tess"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o755)
    return {"ansible_become_exe": str(program)}


def test_the_password_of_become_is_asked_once_for_all_waves(
    lab: Lab, playbooks: Playbooks, terminal: Tmux, sudo: dict[str, object]
) -> None:
    who = command("Who", 'echo "$(id -un) by $SUDO_USER" > {{ home }}/who')
    hold = {"name": "Hold", "ansible.builtin.wait_for": {"path": "{{ home }}/go", "timeout": 60}}
    home = {"home": f"{lab.home('drtr').parents[1]}/{{{{ inventory_hostname }}}}/home"}  # not that of root
    playbooks.write("site.yml", play("gpu", who, hold, become=True, vars={**sudo, **home}))
    typed(terminal, playbooks, "-K --waves 1", "become password", PASSWORD)
    wait((lab.home("prtr") / "who").exists, "the first wave has used it")
    assert not seen_here(PASSWORD), "while Ansible and sudo run, too"
    for alias in ("prtr", "drtr"):
        (lab.home(alias) / "go").touch()
    text = shown(terminal, "2 ok in")
    assert [(lab.home(alias) / "who").read_text() for alias in ("prtr", "drtr")] == ["root by tess\n"] * 2
    assert text.count("become password") == 1
    assert PASSWORD not in text
    kept_nowhere(playbooks, PASSWORD)


def test_a_wrong_password_of_become_is_a_failed_node(
    lab: Lab, playbooks: Playbooks, terminal: Tmux, sudo: dict[str, object]
) -> None:
    playbooks.write("site.yml", play("drtr", command("Who", "touch ~/who"), become=True, vars=sudo))
    typed(terminal, playbooks, "-K", "become password", "not-the-password")
    text = shown(terminal, "1 failed: drtr")
    assert "Incorrect sudo password" in text, text
    assert "not-the-password" not in text
