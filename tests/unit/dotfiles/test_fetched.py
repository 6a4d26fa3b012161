"""The clone that is only fetched into, with a real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.dotfiles.fetched import Fetched
from stentor.errors import StentorError, UsageError
from tests.support import need

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/dev/null/none",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "n@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Remote:
    """A repository that commits are pushed to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=ENVIRON, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "remote")


def clone(remote: Remote, place: Path, branch: str = "main") -> Fetched:
    return Fetched(str(place), str(remote.folder), branch, ENVIRON)


def test_the_branch_is_fetched_and_nothing_else(remote: Remote, tmp_path: Path) -> None:
    first = remote.commit()
    remote.git("checkout", "-q", "-b", "topic")
    other = remote.commit()
    found = clone(remote, tmp_path / "clone")
    assert found.fetch() == first
    assert found.on_branch(first)
    assert not found.on_branch(other)
    assert not found.on_branch("0" * 40)


def test_history_is_compared(remote: Remote, tmp_path: Path) -> None:
    one, two = remote.commit(), remote.commit()
    found = clone(remote, tmp_path / "clone")
    found.fetch()
    assert found.older(one, two)
    assert found.older(one, one)
    assert not found.older(two, one)
    assert not found.older("f" * 40, two)
    assert not found.older(one, "f" * 40)


def test_the_newest_of_several_commits(remote: Remote, tmp_path: Path) -> None:
    one = remote.commit()
    remote.git("checkout", "-q", "-b", "topic")
    side = remote.commit()
    remote.git("checkout", "-q", "main")
    two = remote.commit()
    remote.git("merge", "-q", "--no-ff", "-m", "merged", "topic")
    three = remote.git("rev-parse", "HEAD")
    found = clone(remote, tmp_path / "clone")
    assert found.fetch() == three
    assert found.newest([one, two, three, side]) == three
    assert found.newest([one, two]) == two
    assert found.newest([side, one]) == side


def test_a_password_in_the_address_is_in_no_argument_list(remote: Remote, tmp_path: Path) -> None:
    url = 'https://me:pa"ss\\word@forge.invalid/dotfiles.git'
    place = tmp_path / "clone"
    Fetched(str(place), url, "main", ENVIRON)
    said = subprocess.run(
        ["git", "remote", "get-url", "origin"],
        cwd=place,
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == url
    assert (place / ".git" / "origin").stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_forced_push_is_fetched_and_known_by_its_history(remote: Remote, tmp_path: Path) -> None:
    one, two = remote.commit(), remote.commit()
    found = clone(remote, tmp_path / "clone")
    found.fetch()
    remote.git("reset", "-q", "--hard", one)
    remote.git("commit", "-q", "--allow-empty", "-m", "another")
    new = remote.git("rev-parse", "HEAD")
    assert found.fetch() == new
    assert not found.older(two, new)
    assert not found.on_branch(two)


def test_a_commit_without_a_signature(remote: Remote, tmp_path: Path) -> None:
    commit = remote.commit()
    found = clone(remote, tmp_path / "clone")
    found.fetch()
    with pytest.raises(StentorError, match="no good signature"):
        found.require_signature(commit)


def test_a_good_signature_is_the_one_that_git_here_knows(remote: Remote, tmp_path: Path) -> None:
    need("ssh-keygen")
    for name in ("known", "other"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(tmp_path / name)]
        subprocess.run(words, check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"n@example.org {(tmp_path / 'known.pub').read_text()}")
    config = tmp_path / "config"
    config.write_text(f'[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tallowedSignersFile = {signers}\n')
    environ = {**ENVIRON, "GIT_CONFIG_GLOBAL": str(config)}

    def signed(name: str) -> str:
        words = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={tmp_path / name}.pub")
        remote.git(*words, "commit", "-q", "-S", "--allow-empty", "-m", name)
        return remote.git("rev-parse", "HEAD")

    good, bad = signed("known"), signed("other")
    found = Fetched(str(tmp_path / "clone"), str(remote.folder), "main", environ)
    found.fetch()
    found.require_signature(good)
    with pytest.raises(StentorError, match="no good signature"):
        found.require_signature(bad)


def test_what_cannot_be_fetched_is_said(remote: Remote, tmp_path: Path) -> None:
    remote.commit()
    with pytest.raises(StentorError, match="git fetch"):
        clone(remote, tmp_path / "clone", "nope").fetch()
    with pytest.raises(UsageError, match="no remote"):
        Fetched(str(tmp_path / "other"), "", "main", ENVIRON)
