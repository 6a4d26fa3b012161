"""The clone that is only fetched into, with a real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.dotfiles.fetched import Fetched
from stentor.errors import Refused, StentorError
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


def test_a_remote_that_sends_too_much_leaves_nothing(
    remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentor.dotfiles.fetched.MOST_BYTES", 1_000_000)
    first = remote.commit()
    found = clone(remote, tmp_path / "clone")
    assert found.fetch() == first
    (remote.folder / "large").write_bytes(os.urandom(3_000_000))
    remote.git("add", "large")
    remote.commit()
    with pytest.raises(Refused, match="the remote sends more than 1 MB for the branch main"):
        found.fetch()
    kept = [path.stat().st_size for path in (tmp_path / "clone").rglob("*") if path.is_file()]
    assert max(kept) < 100_000
    remote.git("reset", "-q", "--hard", first)
    assert found.fetch() == first


ANSWERS = {
    "nothing": "",
    "no protocol": "echo hello",
    "a cut line": "printf 00ff",
    "an odd length": "printf 'zzzzrefs'",
    "no refs": "printf 0000",
    "odd refs": r"printf '003d%040d refs/heads/\033]0;t\007\n0000' 1",
    "two answers": "printf 00000000",
    "complaints": "yes complaint | head -c 3000000 >&2; printf '\\033]0;title\\007\\n' >&2",
    "no text": "head -c 100000 /dev/urandom",
    "waits": "printf 0010; sleep 0.3",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_remote_that_answers_anything_is_one_sentence(name: str, tmp_path: Path) -> None:
    server = tmp_path / "server"
    server.write_text(f"#!/bin/sh\n{ANSWERS[name]}\n")
    server.chmod(0o755)
    environ = {**ENVIRON, "GIT_SSH_COMMAND": str(server), "GIT_SSH_VARIANT": "simple"}
    found = Fetched(str(tmp_path / "clone"), "ssh://host.example/dots.git", "main", environ)
    with pytest.raises(StentorError) as caught:
        found.fetch()
    assert len(caught.value.message) < 1000
    assert "\n" not in caught.value.message


def test_submodules_of_a_push_are_not_fetched(remote: Remote, tmp_path: Path) -> None:
    (remote.folder / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = {tmp_path}/other\n')
    remote.git("add", ".gitmodules")
    remote.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x")
    first = remote.commit()
    assert clone(remote, tmp_path / "clone").fetch() == first
    assert not (tmp_path / "clone" / ".git" / "modules").exists()
