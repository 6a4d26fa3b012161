"""Passwords and `no_log`: seen by Ansible and by nobody else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.playbooks import (
    Playbooks,
    ansible_program,
    command,
    journal_bytes,
    kept_nowhere,
    play,
    seen_here,
    shown,
    typed,
    wait,
)
from tests.terminal import Tmux

pytestmark = pytest.mark.integration

VAULT = "open-sesame-vault"
HIDDEN = "what-nobody-sees"


def encrypted(playbooks: Playbooks) -> Path:
    """A file of variables, encrypted."""
    path, key = playbooks.folder / "secret.yml", playbooks.folder / "key"
    path.write_text(f"hidden: {HIDDEN}\n")
    key.write_text(VAULT)
    words = [ansible_program("ansible-vault"), "encrypt", "--vault-password-file", str(key), str(path)]
    subprocess.run(words, env=playbooks.environ, check=True, capture_output=True)
    assert HIDDEN not in path.read_text()
    return path


def test_what_no_log_hides_is_nowhere(lab: Lab, playbooks: Playbooks) -> None:
    loop = command("Item {{ hidden }}", "echo {{ item }}", loop=["{{ hidden }}"], no_log=True)
    copy = {
        "name": "File of {{ hidden }}",
        "ansible.builtin.copy": {"content": "{{ hidden }}", "dest": "~/secret", "mode": "0600"},
        "no_log": True,
    }
    fail = command("Fails with {{ hidden }}", "echo {{ hidden }} >&2; false", no_log=True)
    playbooks.write("site.yml", play("drtr", loop, copy, fail, vars={"hidden": HIDDEN}))
    dry = playbooks.run("playbook", "site.yml", "@all", "-n", "-D", "-v")
    said = playbooks.run("playbook", "site.yml", "@all", "--yes", "-D", "-v", "--json")
    shown = playbooks.run("show").stdout
    assert (lab.home("drtr") / "secret").read_text() == HIDDEN, "it was done all the same"
    assert said.code == 1
    assert "no_log hides what it said" in said.stdout
    assert "Item {{ hidden }}" in said.stdout, "the name as it is in the file"
    for text in (dry.stdout, dry.stderr, said.stdout, said.stderr, shown):
        assert HIDDEN not in text
    assert HIDDEN.encode() not in journal_bytes(playbooks.environ)


def test_a_vault_is_opened_by_a_file(lab: Lab, playbooks: Playbooks) -> None:
    encrypted(playbooks)
    show = command("Use it", "test {{ hidden }} = what-nobody-sees", no_log=True)
    playbooks.write("site.yml", play("drtr", show, vars_files=["secret.yml"]))
    shut = playbooks.run("playbook", "site.yml", "@all", "--yes")
    assert shut.code != 0, shut
    assert "vault" in shut.stderr
    assert "-J" in shut.stderr
    assert playbooks.play("site.yml", "--vault-id", "key").code == 0


def test_a_vault_password_is_asked_once_for_all_waves(lab: Lab, playbooks: Playbooks, terminal: Tmux) -> None:
    encrypted(playbooks)
    hold = {"name": "Hold", "ansible.builtin.wait_for": {"path": "~/go", "timeout": 60}}
    use = command("Use it", "test {{ hidden }} = what-nobody-sees && touch ~/used", no_log=True)
    playbooks.write("site.yml", play("gpu", use, hold, vars_files=["secret.yml"]))
    typed(terminal, playbooks, "-J --waves 1", "vault password", VAULT)
    wait((lab.home("prtr") / "used").exists, "the first wave has used it")
    assert not seen_here(VAULT), "while Ansible runs, too"
    for alias in ("prtr", "drtr"):
        (lab.home(alias) / "go").touch()
    text = shown(terminal, "2 ok in")
    assert text.count("vault password") == 1
    assert VAULT not in text
    kept_nowhere(playbooks, VAULT)


def test_secrets_among_the_variables_are_not_kept(lab: Lab, playbooks: Playbooks) -> None:
    use = command("Use", "test {{ db_password }} = abc-xyz-1 -a {{ level }} = 3", no_log=True)
    playbooks.write("site.yml", play("drtr", use))
    words = ("-e", "db_password=abc-xyz-1", "-e", "level=3")
    assert playbooks.play("site.yml", *words).code == 0
    assert b"abc-xyz-1" not in journal_bytes(playbooks.environ)
    again = playbooks.run("rerun")
    assert (again.code, "db_password" in again.stderr) == (6, True), again
    assert playbooks.play("site.yml", "-e", "db_password=other", "-e", "level=3").code == 1
    assert playbooks.run("playbook", "site.yml", "@all", "--yes", "-K").code == 6, "nobody can be asked"
