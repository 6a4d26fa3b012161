"""``stentor dotfiles push``: a real clone and its remote, and nodes that answer as ``node.sh`` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.dotfiles import change, push, render_offline, secrets
from stentor.dotfiles.login import Proof
from stentor.dotfiles.render_offline import Rendered
from tests.practice import Practice, Ran
from tests.unit.cli.commands.test_dotfiles import Nodes
from tests.unit.dotfiles.clone import Clone, git


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


class Bench:
    """The command line with a clone of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, clone: Clone) -> None:
        self.clone = clone
        self.nodes = Nodes(Practice(monkeypatch), folder)
        self.problem = ""
        monkeypatch.setattr(change, "prove", lambda *_: Proof((), confirmed=True))
        monkeypatch.setattr(render_offline, "render", lambda *_: Rendered({}, self.problem))
        monkeypatch.setattr(push, "find_secrets", lambda *_: self.found)
        self.found: list[secrets.Finding] = []

    def run(self, *words: str) -> Ran:
        return self.nodes.practice.run(
            "dotfiles", "push", "crtr", "--source", str(self.clone.path), *words, environ=self.clone.environ
        )


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clone: Clone) -> Bench:
    return Bench(monkeypatch, tmp_path, clone)


def test_push_commits_sends_and_applies(bench: Bench) -> None:
    (bench.clone.path / "dot_zshrc").write_text("two\n")
    ran = bench.run("-m", "shorter prompt", "--yes")
    assert ran.code == 0, ran
    assert bench.clone.pushed == bench.clone.head
    assert git(bench.clone.path, "log", "-1", "--format=%s") == "shorter prompt"
    assert "+two" in ran.text
    assert "renders on crtr,prtr,trtr,zrtr\nrenders here for drtr (not reached), without " in ran.said
    reachable = git(bench.clone.path, "rev-list", "--all", "--objects", "--no-object-names").split()
    stored = git(
        bench.clone.path, "cat-file", "--batch-check=%(objecttype) %(objectname)", "--batch-all-objects"
    )
    commits = [line.split()[1] for line in stored.splitlines() if line.startswith("commit ")]
    assert {*commits} <= {*reachable}, "the clone has no commit that was tried only"
    assert ("crtr", "begin") in bench.nodes.asked
    history = bench.nodes.practice.run("history").text
    assert f"dotfiles push: {bench.clone.head[:10]} shorter prompt (" in history
    assert bench.clone.head in bench.nodes.practice.run("show", "--json").text


def test_push_takes_the_f_of_old_scripts_and_forces_nothing(bench: Bench) -> None:
    (bench.clone.path / "dot_zshrc").write_text("two\n")
    ran = bench.run("-f", "-m", "x")
    assert (ran.code, bench.clone.pushed == bench.clone.head) == (6, True)
    assert "-f forces nothing" in ran.said


def test_push_needs_a_message_for_edits_and_a_yes(bench: Bench) -> None:
    (bench.clone.path / "dot_zshrc").write_text("two\n")
    ran = bench.run("--yes")
    assert (ran.code, "a commit needs a message" in ran.said) == (2, True)
    ran = bench.run("-m", "x")
    assert (ran.code, "not confirmed" in ran.said) == (6, True)
    assert bench.clone.pushed == bench.clone.head
    assert bench.nodes.verbs() == {"plan"}


def test_push_previews_without_committing(bench: Bench) -> None:
    (bench.clone.path / "dot_zshrc").write_text("two\n")
    ran = bench.run("--dry-run")
    assert (ran.code, "dry run: nothing was committed" in ran.said) == (0, True)
    assert git(bench.clone.path, "status", "--short") == "M dot_zshrc"


def test_push_of_nothing_edited_sends_what_is_committed(bench: Bench) -> None:
    bench.clone.commit("dot_a", "a\n")
    ran = bench.run("--yes")
    assert "nothing is edited here; 1 commit to push" in ran.said
    assert bench.clone.pushed == bench.clone.head


def test_push_over_commits_of_others_is_refused_without_rebase(bench: Bench) -> None:
    bench.clone.others_push("dot_b", "b\n")
    ran = bench.run("--yes")
    assert (ran.code, "--rebase" in ran.said) == (6, True)
    assert bench.run("--yes", "--rebase").code == 0
    assert bench.clone.pushed == bench.clone.head


def test_push_is_refused_where_a_node_cannot_be_rendered(bench: Bench) -> None:
    (bench.clone.path / "dot_zshrc").write_text("two\n")
    bench.nodes.said["plan prtr"] = "refused render chezmoi cannot render\nstderr no such key\n"
    bench.problem = "no such program"  # here, for drtr
    ran = bench.run("-m", "x", "--yes")
    assert ran.code == 6
    assert "it does not render on 2 nodes; prtr: chezmoi cannot render: no such key" in ran.said
    assert "drtr: no such program" in ran.said
    assert bench.clone.pushed == bench.clone.head
    bench.problem = ""
    bench.nodes.said["plan prtr"] = "refused missing chezmoi is not installed on this node\n"
    ran = bench.run("-n")
    assert ran.code == 0
    assert "prtr: not known whether it renders there: chezmoi is not installed on this node" in ran.said


def test_push_of_a_secret_is_refused_with_its_key(bench: Bench) -> None:
    bench.found = [secrets.Finding("dot_env", 3, "Private Key", "abc123")]
    ran = bench.run("--yes")
    assert (ran.code, "--allow-secret abc123" in ran.said) == (6, True)
    assert "dot_env:3: looks like a secret (Private Key), id abc123" in ran.said


def test_push_without_git_only_applies(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "inspect_clone", lambda *_: pytest.fail("the clone was looked at"))
    assert bench.run("--skip-git", "--yes").code == 0
    assert ("crtr", "begin") in bench.nodes.asked
