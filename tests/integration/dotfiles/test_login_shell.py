"""A change whose script makes the login shell another one, as chsh does: no revert puts that back.

A node's /etc/passwd lies here and is read-only there, so a stand-in of chsh asks us to write it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.dotfiles.conftest import Dotfiles

pytestmark = pytest.mark.integration

CHSH = "#!/bin/sh\necho '{}' >~/.wanted\nuntil [ -e ~/.made ]; do sleep 0.05; done\nrm ~/.wanted ~/.made\n"


@contextmanager
def chsh(dotfiles: Dotfiles, alias: str) -> Iterator[Path]:
    """What stands in for the other half of chsh; yields the node's /etc/passwd, and puts that back."""
    home = dotfiles.lab.home(alias)
    passwd = next(path for path in dotfiles.lab.directory.rglob("etc/passwd") if alias in path.parts)
    before = passwd.read_text()
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.05):
            wanted = home / ".wanted"
            if wanted.exists() and (shell := wanted.read_text().strip()):
                lines = before.splitlines()
                made = [f"{line.rpartition(':')[0]}:{shell}" if ":/home/" in line else line for line in lines]
                passwd.write_text("\n".join(made) + "\n")
                (home / ".made").touch()
                while wanted.exists() and not ended.wait(0.05):
                    pass

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield passwd
    finally:
        ended.set()
        thread.join()
        passwd.write_text(before)


def test_the_new_login_shell_is_the_one_that_is_tried(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    with chsh(dotfiles, "prtr") as passwd:
        dotfiles.commit({"run_once_chsh.sh": CHSH.format("/usr/bin/zsh"), "dot_zshrc": "exit 7\n"})
        said = dotfiles("apply", "prtr", "--yes", "--overwrite", "existing")
        assert ":/usr/bin/zsh\n" in passwd.read_text()
    assert said.code == 1, said
    assert "the interactive shell breaks: it ended with code 7" in said.stdout
    assert "reverted, with /usr/bin/zsh still the login shell: " in said.stdout
    assert "run there: chsh -s /usr/bin/bash" in said.stderr
    assert "as it was before" not in said.stdout + said.stderr


def test_a_login_shell_that_lets_nobody_in_is_named(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    before = dotfiles.manifest("prtr")
    with chsh(dotfiles, "prtr"):
        dotfiles.commit({"run_once_chsh.sh": CHSH.format("/no/such/shell")})
        said = dotfiles("apply", "prtr", "--yes")
        assert said.code == 1, said
        assert "reverted, with /no/such/shell still the login shell: a new login ended" in said.stdout
        assert "while a connection to the node is open, run there: chsh -s /usr/bin/bash" in said.stderr
    assert dotfiles.manifest("prtr") == before
    assert dotfiles.clean("prtr")


def test_a_change_with_another_login_shell_that_works_is_kept(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    with chsh(dotfiles, "prtr"):
        dotfiles.commit({"run_once_chsh.sh": CHSH.format("/usr/bin/zsh"), "dot_zshrc": "export GOOD=2\n"})
        said = dotfiles("apply", "prtr", "--yes", "--overwrite", "existing")
        assert said.code == 0, said


def test_what_scripts_did_is_not_said_to_be_reverted(dotfiles: Dotfiles) -> None:
    dotfiles.start("prtr")
    dotfiles.commit(
        {"run_once_mark.sh": "#!/bin/sh\n: >~/.mark\n", "dot_bashrc": "case $- in *i*) exit 7 ;; esac\n"}
    )
    said = dotfiles("apply", "prtr", "--yes")
    assert said.code == 1, said
    assert "the files are as they were before; what these scripts did is not reverted: mark.sh" in said.stderr
    assert (dotfiles.lab.home("prtr") / ".mark").exists()
