"""``stentor dotfiles sync``: the same transaction on this machine alone, with nobody's ssh."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.dotfiles.practice import manifest, newest_chezmoi
from tests.support import lacking

pytestmark = pytest.mark.integration


class Here:
    """A fleet of one: this machine, with the test's HOME; and the operator's clone with its remote."""

    def __init__(self, environ: dict[str, str], stentor: Any) -> None:
        self.home = Path(environ["HOME"])
        self.environ, self.stentor = environ, stentor
        self.work = self.home / "run" / "work"
        fleet = self.home / "run" / "fleet"
        fleet.mkdir()
        (fleet / "nodes.yaml").write_text(
            f"nodes:\n  {os.uname().nodename}: {{alias: me, address: 127.0.0.1}}\n"
        )
        tools = self.home / "run" / "tools"
        tools.mkdir()
        (tools / "chezmoi").symlink_to(newest_chezmoi())
        environ |= {"STENTOR_FLEET": str(fleet), "PATH": f"{tools}:{environ['PATH']}"}
        self.git("init", "-q", "--bare", "-b", "main", str(self.home / "run/remote.git"), cwd=self.home)
        self.git("clone", "-q", str(self.home / "run/remote.git"), str(self.work), cwd=self.home)

    def git(self, *words: str, cwd: Path | None = None) -> None:
        command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words]
        subprocess.run(command, cwd=cwd or self.work, env=self.environ, check=True, capture_output=True)

    def push(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.work / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")
        self.git("push", "-q", "origin", "HEAD:main")

    def sync(self, *words: str, **options: Any) -> Any:
        return self.stentor("dotfiles", "sync", "--source", str(self.work), *words, **options)

    def files(self) -> Any:
        return manifest(
            str(self.home), skip=("run", "state", "cache", "tmp", "data", ".cache", ".bash_history")
        )


@pytest.fixture
def here(environ: dict[str, str], stentor: Any) -> Here:
    if os.path.basename(pwd.getpwuid(os.geteuid()).pw_shell) != "bash":
        lacking("this account's login shell is not bash")
    return Here(environ, stentor)


def test_this_machine_alone(here: Here) -> None:
    here.push({"dot_bashrc": "export GOOD=1\n", "dot_who.tmpl": "{{ .stentor.alias }}\n"})
    before = here.files()
    shown = here.sync("--show-diff", "--dry-run")
    assert shown.code == 0, shown
    assert "+export GOOD=1" in shown.stdout
    assert here.files() == before
    assert here.sync(input="y\n").code == 6  # nobody is there to ask
    said = here.sync("--yes")
    assert (said.code, said.stdout) == (
        0,
        "me: 2 targets would change\n  create    .bashrc\n  create    .who\nme: ok\n",
    )
    assert (here.home / ".who").read_text() == "me\n"


def test_a_line_that_speaks_is_found_here_too(here: Here) -> None:
    """bash must believe that sshd has started it, or it would not read .bashrc for one command."""
    here.push({"dot_bashrc": "export GOOD=1\n"})
    assert here.sync("--yes").code == 0
    before = here.files()
    here.push({"dot_bashrc": "echo hello\n"})
    said = here.sync("--yes")
    assert said.code == 1, said
    assert "me: failed: reverted: a session without a terminal printed 6 bytes" in said.stdout
    assert here.files() == before
