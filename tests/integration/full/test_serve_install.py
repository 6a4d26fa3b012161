"""``stentor serve install`` by a real user manager: a Debian with systemd, whose user lingers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import lab as labs
from stentor.lab.backends.full import PROGRAMS, give_to_account
from stentor.lab.programs import Ran
from tests.integration.full.conftest import as_root, reboot, until
from tests.support import ROOT, lacking, need, need_root

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

LIBRARIES = ("ClusterShell", "msgspec", "PyYAML", "ruamel.yaml", "tree-sitter", "tree-sitter-bash")
OF_THE_PAGE = ("Jinja2", "starlette", "uvicorn")
PYTHON = "3.13"  # Debian 13's
ASK = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8440/healthz', timeout=5).read())"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stentor needs, for the node's Python."""
    folder = tmp_path_factory.mktemp("libraries")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "--python-version", PYTHON]
    done = subprocess.run(
        [*pip, "--only-binary=:all:", *LIBRARIES, *OF_THE_PAGE], capture_output=True, text=True
    )
    if done.returncode:
        lacking(f"libraries for Python {PYTHON} cannot be fetched: {done.stderr[-300:]}")
    shutil.copytree(os.path.join(ROOT, "src/stentor"), folder / "stentor")
    return folder


class Installed:
    """Stentor in the home of a node's user, with a fleet of that node alone."""

    def __init__(self, lab: labs.Lab, libraries: Path) -> None:
        self.lab = lab
        (self.alias,) = lab.nodes
        home = lab.home(self.alias)
        shutil.copytree(libraries, home / "libraries")
        program = home / ".local/bin/stentor"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text('#!/bin/sh\nPYTHONPATH=~/libraries exec python3 -m stentor "$@"\n')
        program.chmod(0o755)
        (home / "ssot").mkdir()
        (home / "ssot/nodes.yaml").write_text("nodes: {here: {address: 127.0.0.1}}\n")
        give_to_account(home)

    def __call__(self, *words: str) -> Ran:
        """Run stentor there, as its user does after a login."""
        return self.run(f"~/.local/bin/stentor --fleet ~/ssot {' '.join(words)}")

    def run(self, command: str) -> Ran:
        return self.lab.run(self.alias, f"export PATH=~/.local/bin:$PATH; {command}", timeout=120)

    def answers(self) -> bool:
        return "ok" in self.run(f'python3 -c "{ASK}"').stdout


@pytest.fixture
def installed(playground: Path, libraries: Path) -> Iterator[Installed]:
    need_root()
    need(*PROGRAMS, "sshd")
    lab = labs.up(playground / "serve", backend="full", nodes=1, all_up=True)
    try:
        yield Installed(lab, libraries)
    finally:
        lab.down()


def test_a_unit_answers_survives_a_reboot_and_is_removed(installed: Installed) -> None:
    done = installed("serve", "install")
    assert done.code == 0, done
    assert "is active, and http://127.0.0.1:8440 answers" in done.stderr
    assert installed.answers()
    assert "it ends when you log out" in installed("serve", "doctor").stdout
    (user,) = {node.user for node in installed.lab.nodes.values()}
    assert as_root(installed.lab, installed.alias, "loginctl", "enable-linger", user).code == 0
    said = installed("serve", "doctor")
    assert "ok       stentor-serve.service is active" in said.stdout
    assert "it ends when you log out" not in said.stdout

    reboot(installed.lab, installed.alias)
    until(installed.answers, 60, "the page is served after a boot")
    # systemd would wait for 90 s before it kills what does not end.
    assert installed.run("timeout 60 systemctl --user restart stentor-serve.service").code == 0
    log = installed.run("journalctl --user -u stentor-serve.service --no-pager -o cat").stdout
    assert "stentor: stopping" in log or not log, log

    assert installed("serve", "install", "--remove").code == 0
    assert not installed.answers()
    assert "no service is installed" in installed("serve", "doctor").stdout
