"""Passwords and `no_log`: seen by Ansible and by nobody else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.lab import Lab
from tests.playbooks import Playbooks, ansible_program, command, journal_bytes, play, seen_here, wait
from tests.support import need
from tests.terminal import Tmux

pytestmark = pytest.mark.integration

VAULT = "open-sesame-vault"
HIDDEN = "what-nobody-sees"


@pytest.fixture
def terminal(environ: dict[str, str]) -> Iterator[Tmux]:
    need("tmux")
    tmux = Tmux(environ, "playbooks")
    yield tmux
    tmux.end()


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
    stentor = f"{sys.executable} -m stentor playbook site.yml @all -J --waves 1"
    terminal(
        "new-session", "-d", "-x", "150", "-y", "60", "-c", str(playbooks.folder), f"{stentor}; sleep 600"
    )
    pane = ":"
    wait(lambda: "vault password" in terminal.text(pane), "it asks")
    time.sleep(0.2)  # until getpass has switched the echo off
    terminal("send-keys", "-t", pane, VAULT, "Enter")
    wait(lambda: "run site.yml on 2 nodes" in terminal.text(pane), "it asks whether to run")
    terminal("send-keys", "-t", pane, "y", "Enter")
    wait((lab.home("prtr") / "used").exists, "the first wave has used it")
    assert not seen_here(VAULT), "while Ansible runs, too"
    for alias in ("prtr", "drtr"):
        (lab.home(alias) / "go").touch()
    wait(lambda: "2 ok in" in terminal.text(pane), "both waves are done")
    text = terminal.text(pane)
    assert text.count("vault password") == 1
    assert VAULT not in text
    assert VAULT.encode() not in journal_bytes(playbooks.environ)
    left = [path for path in Path(playbooks.environ["TMPDIR"]).rglob("*") if path.is_file()]
    assert not [path for path in left if VAULT.encode() in path.read_bytes()]


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
