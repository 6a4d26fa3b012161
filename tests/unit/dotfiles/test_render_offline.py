"""A commit's files beside a clone which is only read, whether the clone has the commit or not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.dotfiles import render_offline
from stentor.errors import StentorError
from tests.support import need


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repositories(tmp_path: Path) -> tuple[Path, Path, str]:
    """A clone, its remote, and a commit which only the remote has."""
    need("git")
    git(tmp_path, "init", "-q", "-b", "main", "theirs")
    theirs = tmp_path / "theirs"
    (theirs / "dot_a").write_text("one\n")
    git(theirs, "add", "-A")
    git(theirs, "commit", "-q", "-m", "one")
    git(tmp_path, "clone", "-q", "theirs", "ours")
    (theirs / "dot_b").write_text("two\n")
    git(theirs, "add", "-A")
    git(theirs, "commit", "-q", "-m", "two")
    return tmp_path / "ours", theirs, git(theirs, "rev-parse", "HEAD")


def test_a_commit_that_the_clone_lacks_is_fetched_beside_it(repositories: tuple[Path, Path, str]) -> None:
    ours, theirs, commit = repositories
    before = sorted(path for path in ours.rglob("*") if path.is_file())
    with render_offline.checked_out(str(ours), commit, os.environ, remote=str(theirs)) as tree:
        assert sorted(os.listdir(tree)) == ["dot_a", "dot_b"]
    with render_offline.checked_out("", commit, os.environ, remote=str(theirs)) as tree:
        assert sorted(os.listdir(tree)) == ["dot_a", "dot_b"]
    with render_offline.checked_out(str(ours), "HEAD", os.environ) as tree:
        assert os.listdir(tree) == ["dot_a"]
    assert not os.path.exists(tree)
    assert sorted(path for path in ours.rglob("*") if path.is_file()) == before


def test_a_commit_that_nobody_has(repositories: tuple[Path, Path, str]) -> None:
    ours, theirs, _ = repositories
    with (
        pytest.raises(StentorError),
        render_offline.checked_out(str(ours), "1" * 40, os.environ, remote=str(theirs)),
    ):
        pass
