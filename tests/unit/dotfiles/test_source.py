"""Which clone, which revision, and a bundle of it, with a real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.dotfiles import source
from stentor.dotfiles.source import Source
from stentor.errors import StentorError, UsageError
from stentor.fleet.policy.sections import Dotfiles
from tests.unit.dotfiles.clone import Clone, git


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_clone_is_the_one_named_then_the_policys(clone: Clone, tmp_path: Path) -> None:
    found = source.find(Dotfiles(branch="work"), clone.environ, folder=str(clone.path))
    assert found == Source(str(clone.path), str(clone.remote), "work")
    policy = Dotfiles(source=str(clone.path), remote="https://example.org/d.git")
    assert source.find(policy, clone.environ) == Source(str(clone.path), "https://example.org/d.git", "main")
    with pytest.raises(UsageError, match="is not a git clone"):
        source.find(Dotfiles(), clone.environ, folder=str(tmp_path / "none"))


def test_without_a_name_it_is_where_chezmoi_has_it(clone: Clone, tmp_path: Path) -> None:
    environ = clone.environ | {"PATH": str(tmp_path / "bin")}
    assert source.find(Dotfiles(), environ) == Source("", "", "main")
    (tmp_path / ".local" / "share").mkdir(parents=True)
    clone.path.rename(tmp_path / ".local" / "share" / "chezmoi")
    assert source.find(Dotfiles(), clone.environ | {"XDG_DATA_HOME": ""}).clone.endswith("share/chezmoi")


def test_relative_remote_is_from_the_clone_and_a_url_is_kept(clone: Clone) -> None:
    git(clone.path, "remote", "set-url", "origin", "../remote.git")
    assert source.find(Dotfiles(), clone.environ, folder=str(clone.path)).remote == str(clone.remote)
    for url in ("ssh://host/d.git", "git@host:d.git"):
        git(clone.path, "remote", "set-url", "origin", url)
        assert source.find(Dotfiles(), clone.environ, folder=str(clone.path)).remote == url


def test_revision_is_the_remotes_head_unless_it_is_sent_along(clone: Clone) -> None:
    pushed = clone.head
    clone.commit("dot_a", "a\n")
    assert source.resolve(clone.source, None, clone.environ, via="remote") == pushed
    assert source.resolve(clone.source, None, clone.environ, via="push") == clone.head
    assert source.resolve(clone.source, "HEAD~1", clone.environ, via="remote") == pushed
    assert source.resolve(clone.source, "a" * 40, {}, via="remote") == "a" * 40


def test_branch_of_the_remote_is_found_by_its_name(clone: Clone) -> None:
    clone.others_push("dot_b", "b\n")
    git(clone.path, "fetch", "-q", "origin")
    git(clone.path, "checkout", "-q", "--detach")
    git(clone.path, "branch", "-q", "-D", "main")
    assert source.resolve(clone.source, "main", clone.environ, via="push") == clone.pushed


def test_revision_that_is_nowhere_is_an_error(clone: Clone) -> None:
    with pytest.raises(UsageError, match="there is no revision nope"):
        source.resolve(clone.source, "nope", clone.environ, via="remote")
    with pytest.raises(StentorError, match="has no branch other"):
        source.resolve(clone.source._replace(branch="other"), None, clone.environ, via="remote")
    with pytest.raises(StentorError, match="the revision x cannot be looked up: no clone of the dotfiles"):
        source.resolve(clone.source._replace(clone=""), "x", clone.environ, via="remote")


def test_bundle_holds_the_revision_and_leaves_the_clone_alone(clone: Clone, tmp_path: Path) -> None:
    before = git(clone.path, "for-each-ref")
    file = tmp_path / "sent.bundle"
    file.write_bytes(source.bundle(clone.source, clone.head, clone.environ))
    assert git(clone.path, "bundle", "list-heads", str(file)) == f"{clone.head} refs/heads/sent"
    assert git(clone.path, "for-each-ref") == before
    with pytest.raises(StentorError, match="there is no clone of the dotfiles here"):
        source.bundle(clone.source._replace(clone=""), clone.head, clone.environ)


def test_no_bundle_is_sent_from_a_shallow_clone(clone: Clone, tmp_path: Path) -> None:
    # With the list of what it lacks, git would write one without a word, and no node could fetch it.
    clone.others_push("dot_bashrc", "two\n")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{clone.remote}", "shallow")
    shallow = clone.source._replace(clone=str(tmp_path / "shallow"))
    with pytest.raises(UsageError, match="is a shallow clone") as raised:
        source.bundle(shallow, clone.pushed, clone.environ)
    assert raised.value.hint == f"git -C {shallow.clone} fetch --unshallow"
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert source.bundle(shallow, clone.pushed, clone.environ)


def test_title_has_the_subject_where_the_clone_knows_it(clone: Clone) -> None:
    assert source.title(clone.source, clone.head, clone.environ) == f"{clone.head[:10]} change dot_zshrc"
    assert source.title(clone.source, "b" * 40, clone.environ) == "b" * 10
    assert source.title(clone.source._replace(clone=""), clone.head, clone.environ) == clone.head[:10]
