"""Dotfiles that break logins: each fault in each kind of shell, all at once, one node for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import lab as labs
from tests.integration.dotfiles.conftest import Dotfiles

pytestmark = pytest.mark.integration

BROKEN = {
    "exit": "exit 7\n",
    "endless loop": "while :; do :; done\n",
    "waits for ever": "sleep 1000\n",
    "exec of a missing shell": "exec /usr/bin/no-such-shell\n",
    "output on a plain session": "echo hello\n",
}
# dash reads no file for one command; but sshd runs ~/.ssh/rc before every session, whatever its shell.
FILES = {"zsh": "dot_zshrc", "bash": "dot_bashrc", "dash": "dot_profile"}
SPEAKS = {"zsh": "dot_zshenv", "bash": "dot_bashrc", "dash": "private_dot_ssh/rc"}
CASES = [(how, shell) for how in BROKEN for shell in FILES]
AT = {f"node{number:03d}": case for number, case in enumerate(CASES, 1)}
# What the operator is told: of the first new login that does not come up, or says something.
TOLD = {
    "exit": "ended with code 7",
    "endless loop": r"did not come up within \d+ s|hangs: no answer in \d+ s",
    "waits for ever": r"did not come up within \d+ s|hangs: no answer in \d+ s",
    "exec of a missing shell": "ended with code 127",
    "output on a plain session": r"a session without a terminal printed \d+ bytes",
}


@pytest.fixture(scope="module")
def row(playground: Path) -> Iterator[labs.Lab]:
    """A node for each case."""
    shells = [f"{alias}={shell}" for alias, (_, shell) in AT.items()]
    lab = labs.up(playground / "logins", nodes=len(CASES), shells=shells)
    (lab.fleet_dir / "policy.yaml").write_text("dotfiles: {login: 5s}\n")
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(row: labs.Lab) -> labs.Lab:
    """In place of the usual five."""
    return row


@pytest.mark.timeout(300)
def test_every_broken_login_is_reverted(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    before = {alias: dotfiles.manifest(alias) for alias in AT}
    files: dict[str, str] = {}
    for alias, (how, shell) in AT.items():
        name = (SPEAKS if how.startswith("output") else FILES)[shell]
        line = BROKEN[how].rstrip()
        only_here = f'{{{{ if eq .stentor.alias "{alias}" }}}}{line}{{{{ end }}}}\n'
        files[f"{name}.tmpl"] = files.get(f"{name}.tmpl", "true\n") + only_here
    dotfiles.commit({"dot_zshrc": None, "dot_bashrc": None, **files})
    words = ["--yes", "--canary", "@all", "--overwrite", "existing", "-t", "3"]
    said = dotfiles("apply", "@all", *words, "--json", timeout=200)
    assert said.code == 1, said
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    reasons = {line["node"]: line["reason"] for line in lines if line["type"] == "finished"}
    for alias, case in AT.items():
        assert re.match(f"reverted: .*({TOLD[case[0]]})", reasons[alias]), (case, reasons[alias])
        assert dotfiles.manifest(alias) == before[alias], case
        assert not (dotfiles.lab.home(alias) / ".ssh/rc").exists()
        assert dotfiles.clean(alias), case
    again = dotfiles("apply", "@all", *words, timeout=100)
    assert again.code == 6
    assert "reverted here before" in again.stderr
