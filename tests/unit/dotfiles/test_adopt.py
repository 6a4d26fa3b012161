"""A node's difference in the operator's clone, with a real git."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stentor.dotfiles import adopt
from stentor.dotfiles.adopt import AdoptChange, Adoption, inspect_edit, target
from stentor.dotfiles.answer import Answer
from stentor.dotfiles.source import Source
from stentor.dotfiles.visit import Visit
from stentor.errors import Refused, UsageError
from stentor.fanout.events import Finished
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from tests.unit.dotfiles.clone import Clone, git


class Reach:
    """What is used of one."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ


class Edits:
    """A node that gives its difference, and the clone here."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clone = Clone(folder)
        self.there = folder / "there"
        git(folder, "clone", "-q", str(self.clone.remote), str(self.there))
        monkeypatch.setattr(adopt, "visits", lambda *_: {"crtr": self._visit()})

    def _visit(self) -> Visit:
        git(self.there, "add", "-A")
        words = ["git", "diff", "--binary", "--full-index", "-M10%", "HEAD"]
        made = subprocess.run(words, cwd=self.there, check=True, capture_output=True).stdout
        pairs = (("patch", base64.b64encode(made).decode()),)
        return Visit(Outcome("crtr", "ok", 0), Answer("adopt", pairs, 0))

    def seen(self) -> Adoption:
        reach: Any = Reach(self.clone.environ)
        return inspect_edit(reach, Node("crtr", "Example"), ".zshrc", self.clone.source)

    def commit(self) -> Outcome:
        change = AdoptChange(self.seen(), "Mine", self.clone.environ)
        reach: Any = Reach(self.clone.environ)
        (event,) = change.apply(["crtr"], reach)
        assert isinstance(event, Finished)
        return event.outcome


@pytest.fixture
def edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edits:
    return Edits(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        (".zshrc", ".zshrc"),
        ("~/.config/x", ".config/x"),
        ("/home/me/.config//x", ".config/x"),
        ("/home/mean/x", "/home/mean/x"),
        ("./.zshrc", ".zshrc"),
    ],
)
def test_a_path_is_one_of_the_nodes_home(file: str, asked: str) -> None:
    assert target(file, "/home/me") == asked


def test_an_edit_is_shown_and_nothing_is_changed_by_it(edits: Edits) -> None:
    (edits.there / "dot_zshrc").write_text("two\n")
    before = edits.clone.head
    seen = edits.seen()
    assert seen.working
    assert (seen.working.changed, "+two" in seen.diff) == (("dot_zshrc",), True)
    assert (edits.clone.head, git(edits.clone.path, "status", "--short")) == (before, "")


@pytest.mark.parametrize("mode", ["fix", "error"])
def test_blanks_come_as_they_are_whatever_git_does_to_them_here(edits: Edits, mode: str) -> None:
    edits.clone.environ["GIT_CONFIG_GLOBAL"] = str(edits.there.parent / "gitconfig")
    Path(edits.clone.environ["GIT_CONFIG_GLOBAL"]).write_text(f"[apply]\n\twhitespace = {mode}\n")
    (edits.there / "dot_zshrc").write_text("two  \n")
    assert edits.commit().ok
    assert git(edits.clone.path, "diff", "--stat", "HEAD", "--", "dot_zshrc") == ""
    assert (edits.clone.path / "dot_zshrc").read_text() == "two  \n"


def test_a_commit_that_git_refuses_leaves_the_clone_as_it_was(edits: Edits) -> None:
    (edits.there / "dot_zshrc").rename(edits.there / "private_dot_zshrc")
    hook = edits.clone.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    outcome = edits.commit()
    assert (outcome.kind, "git commit" in outcome.reason) == ("failed", True)
    assert git(edits.clone.path, "status", "--short") == ""
    hook.unlink()
    assert edits.commit().reason.startswith("committed ")
    assert git(edits.clone.path, "ls-files") == "private_dot_zshrc"


def test_more_than_one_file_is_refused(edits: Edits) -> None:
    for name in ("a", "b", "c"):
        (edits.there / name).write_text("new\n")
    with pytest.raises(Refused, match="crtr sent more than the edit of one file: a, b, c"):
        edits.seen()


def test_what_is_here_already_is_said(edits: Edits) -> None:
    (edits.there / "dot_zshrc").write_text("two\n")
    edits.clone.commit("dot_zshrc", "two\n")
    assert "is in the clone here as it is on the node" in edits.seen().outcome.reason


def test_the_branch_that_nodes_follow_gets_it(edits: Edits) -> None:
    (edits.there / "dot_zshrc").write_text("two\n")
    git(edits.clone.path, "checkout", "-q", "-b", "other")
    with pytest.raises(Refused, match="the clone has other checked out, and nodes follow main"):
        edits.seen()


def test_what_looks_like_a_secret_is_found(edits: Edits) -> None:
    (edits.there / "dot_zshrc").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert [one.path for one in edits.seen().secrets] == ["dot_zshrc"]


def test_without_a_clone_it_is_a_usage_error() -> None:
    reach: Any = Reach({})
    with pytest.raises(UsageError, match="there is no clone of the dotfiles here"):
        inspect_edit(reach, Node("crtr", "crtr"), ".bashrc", Source("", "", "main"))
