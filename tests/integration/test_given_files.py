"""A pipe that nobody writes to in the place of each file that a user may name: a sentence, no waiting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

NODES = "ssh: {local: false}\nnodes: {aa: {address: 127.0.0.1, port: 1}, bb: {address: 127.0.0.2, port: 1}}\n"
SYSTEMD = "services:\n  web: {node: aa, type: systemd, unit: web.service, files: {/etc/web.conf: PIPE}}\n"
COMPOSE = "services:\n  web: {node: aa, type: compose, compose_file: PIPE}\n"
PLAYBOOK = "- {hosts: all, gather_facts: false, tasks: [{name: Ping, ansible.builtin.ping: }]}\n"

# What is run with PIPE as the path of a pipe; and the file of the fleet which is one, or its text.
OPTIONS = [
    "run --hostfile PIPE uptime",
    "run --script PIPE @all",
    "playbook -y PIPE @all",
    "playbook -y -e @PIPE site.yml @all",
    "playbook -y --vault-id x@PIPE site.yml @all",
    "playbook -y -i PIPE site.yml @all",
    "ansible @all -m ping -e @PIPE",
    "--fleet PIPE nodes",
    "copy @all PIPE /tmp/x",
    "copy -n @all PIPE /tmp/x",
    "export ansible -o PIPE",
    "report -o PIPE",
    "report -c PIPE",
    "init --from ssh-config PIPE -n",
    "init --from ansible PIPE -n",
    "init --from hosts PIPE -n",
    "init --from genders PIPE -n",
    "init --from services PIPE -n fleet",
    "serve --tokens PIPE",
    "serve --tls-cert PIPE --tls-key PIPE",
    "shell-init -o PIPE bash",
    "completion -o PIPE bash",
]
FILES = {
    "nodes.yaml": ("nodes", ""),
    "policy.yaml": ("nodes", ""),
    "services.yaml": ("services status", ""),
    "of a service": ("services plan @all", SYSTEMD),
    "of compose": ("services deploy -y @all", COMPOSE),
    "of compose, checked": ("check", COMPOSE),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "nodes.yaml").write_text(NODES)
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def said(folder: Path, environ: dict[str, str], words: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stentor", *words],
        env={**environ, "STENTOR_FLEET": str(folder / "fleet")},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("line", OPTIONS)
def test_a_pipe_without_another_end_is_told(line: str, folder: Path, environ: dict[str, str]) -> None:
    words = [word.replace("PIPE", str(folder / "pipe")) for word in line.split()]
    text = said(folder, environ, words)
    assert "it is a pipe" in text


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_in_the_fleet_is_told(name: str, folder: Path, environ: dict[str, str]) -> None:
    line, services = FILES[name]
    pipe = folder / "fleet" / (name if not services else "PIPE")
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    if services:
        (folder / "fleet" / "services.yaml").write_text(services)
    text = said(folder, environ, line.split())
    assert "it is a pipe, not a file" in text or "there is no file PIPE" in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("stentor run --dry-run --hostfile <(echo aa) uptime", "aa"),
        ("stentor run --dry-run --script <(echo 'echo hi') @all", "aa"),
        ("stentor export hosts -o >(cat >written) && sleep 0.2; cat written", "127.0.0.1"),
    ],
)
def test_what_a_shell_puts_in_the_place_of_a_file_works(
    line: str, expected: str, folder: Path, environ: dict[str, str]
) -> None:
    program = f'stentor() {{ {sys.executable} -m stentor "$@"; }}\n{line}'
    done = subprocess.run(
        ["bash", "-c", program],
        env={**environ, "STENTOR_FLEET": str(folder / "fleet")},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, expected in done.stdout) == (0, True), done
