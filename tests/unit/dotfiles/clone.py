"""A clone of dotfiles and its remote, made by git itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from stentor.dotfiles import push
from stentor.dotfiles.source import Source
from tests.support import need

GIT = {
    "GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@example.org", "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@example.org", "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    environ = {**os.environ, **GIT}
    done = subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True, env=environ
    )
    return done.stdout.strip()


class Clone:
    """A clone with one commit, and its bare remote."""

    def __init__(self, folder: Path) -> None:
        need("git")
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        git(folder, "clone", "-q", "remote.git", "ours")
        self.remote = folder / "remote.git"
        self.path = folder / "ours"
        git(self.path, "checkout", "-q", "-b", "main")
        self.commit("dot_zshrc", "one\n")
        git(self.path, "push", "-q", "origin", "main")
        self.environ = {**GIT, "HOME": str(folder), "PATH": os.environ["PATH"]}
        self.source = Source(str(self.path), str(self.remote), "main")

    def commit(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "-m", f"change {name}")

    def others_push(self, name: str, text: str) -> None:
        other = self.path.parent / "theirs"
        git(self.path.parent, "clone", "-q", str(self.remote), str(other))
        (other / name).write_text(text)
        git(other, "add", "-A")
        git(other, "commit", "-q", "-m", "of others")
        git(other, "push", "-q", "origin", "HEAD:main")

    @property
    def pushed(self) -> str:
        return git(self.remote, "rev-parse", "main")

    @property
    def head(self) -> str:
        return git(self.path, "rev-parse", "HEAD")

    def working(self) -> push.Working:
        return push.inspect_clone(self.source, self.environ)
