"""From a working copy to a pushed commit, with a real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.dotfiles import push, secrets
from stentor.dotfiles.source import Source
from stentor.errors import Refused, StentorError
from tests.unit.dotfiles.clone import Clone, git


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_clone_that_is_pushed_has_nothing_to_push(clone: Clone) -> None:
    working = clone.working()
    assert working[:5] == ("main", 0, 0, (), (".",))
    assert push.preflight(working, clone.source) is None


def test_edits_and_commits_are_counted_and_the_index_is_left_alone(clone: Clone) -> None:
    clone.commit("dot_a", "a\n")
    (clone.path / "dot_b").write_text("b\n")
    working = clone.working()
    assert (working.ahead, working.behind, working.changed) == (1, 0, ("dot_b",))
    assert git(clone.path, "status", "--short") == "?? dot_b"
    assert "+b" in push.difference(clone.source, working, clone.environ)
    assert [paths for _, paths in push.unseen(clone.source, working, clone.environ)] == [
        ("dot_b",),
        ("dot_a",),
    ]


def test_an_edit_of_the_dotfiles_alone_is_one_that_no_revision_has(clone: Clone) -> None:
    (clone.path / "home").mkdir()
    (clone.path / ".chezmoiroot").write_text("home\n")
    clone.commit("home/dot_a", "a\n")
    (clone.path / "notes").write_text("n\n")
    assert not push.has_edits(clone.source, clone.environ)
    (clone.path / "home" / "dot_b").write_text("b\n")
    assert push.has_edits(clone.source, clone.environ)
    assert not push.has_edits(Source("", "", "main"), clone.environ)


def test_only_the_folder_that_chezmoiroot_names_belongs_to_the_dotfiles(clone: Clone) -> None:
    (clone.path / "home").mkdir()
    (clone.path / "home" / "dot_a").write_text("a\n")
    (clone.path / "notes").write_text("n\n")
    (clone.path / ".chezmoiroot").write_text("home\n")
    working = clone.working()
    assert working.paths == (".chezmoiroot", "home")
    assert working.changed == (".chezmoiroot", "home/dot_a")
    push.commit(clone.source, working, "home", clone.environ)
    assert git(clone.path, "status", "--short") == "?? notes"


@pytest.mark.parametrize(
    ("working", "why"),
    [
        (("other", 0, 0), "the clone has other checked out, and nodes follow main"),
        (("", 0, 0), "the clone has no branch checked out"),
        (("main", 0, 1), "the clone is behind the remote: 1 commit of others missing"),
        (("main", 1, 2), "the clone diverged from the remote: 2 commits of others missing"),
    ],
)
def test_clone_that_must_not_be_pushed_has_a_blocker(working: tuple[str, int, int], why: str) -> None:
    source = Source("/c", "r", "main")
    found = push.preflight(push.Working(*working, (), (), ""), source)
    assert found is not None
    assert found.why.startswith(why)
    if working[0] == "main":
        assert push.preflight(push.Working(*working, (), (), ""), source, rebase=True) is None


def test_branch_that_the_remote_lacks_counts_every_commit(clone: Clone) -> None:
    git(clone.path, "checkout", "-q", "-b", "new")
    clone.commit("dot_a", "a\n")
    working = push.inspect_clone(clone.source._replace(branch="new"), clone.environ)
    assert (working.branch, working.ahead, working.behind) == ("new", 1, 0)


def test_without_a_clone_nothing_can_be_pushed() -> None:
    with pytest.raises(StentorError, match="no clone of the dotfiles here"):
        push.inspect_clone(Source("", "r", "main"), {})


def test_rebase_puts_commits_on_top_or_changes_nothing(clone: Clone) -> None:
    clone.others_push("dot_b", "b\n")
    clone.commit("dot_a", "a\n")
    assert clone.working().behind == 1
    push.rebase(clone.source, clone.environ)
    assert clone.working()[1:3] == (1, 0)
    push.send(clone.source, clone.environ)
    assert clone.pushed == clone.head


def test_conflict_with_others_is_refused_and_leaves_the_commits(clone: Clone) -> None:
    clone.others_push("dot_zshrc", "theirs\n")
    clone.commit("dot_zshrc", "ours\n")
    before = clone.head
    with pytest.raises(Refused, match="the remote rejected the push"):
        push.send(clone.source, clone.environ)
    clone.working()
    with pytest.raises(Refused, match="your commits conflict with those of others"):
        push.rebase(clone.source, clone.environ)
    assert clone.head == before


def test_secret_is_found_in_an_earlier_commit_too(clone: Clone) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLB"
    clone.commit("dot_env", f"aws = '{key}'\n")
    clone.commit("dot_env", "gone\n")
    (found,) = push.find_secrets(clone.source, clone.working(), clone.environ, [])
    assert (found.path, found.line, found.kind) == ("dot_env", 1, "AWS Access Key")
    assert push.find_secrets(clone.source, clone.working(), clone.environ, [found.key]) == []
    assert secrets.scan(str(clone.path), ["none", "dot_env"]) == []


def test_a_difference_is_gits_own_whatever_shows_it_to_the_user(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    clone.environ["GIT_CONFIG_GLOBAL"] = str(tmp_path / "gitconfig")
    (tmp_path / "gitconfig").write_text(
        "[color]\n\tui = always\n[diff]\n\texternal = echo\n\tnoprefix = true\n"
    )
    (clone.path / "dot_zshrc").write_text("two\n")
    lines = push.difference(clone.source, clone.working(), clone.environ).splitlines()
    assert lines[0] == "diff --git a/dot_zshrc b/dot_zshrc"
    assert lines[-2:] == ["-one", "+two"]
