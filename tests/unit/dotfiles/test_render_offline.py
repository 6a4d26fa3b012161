"""A commit's files beside a clone which is only read, whether the clone has the commit or not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.dotfiles import render_offline
from stentor.errors import ProgramMissing, StentorError
from stentor.fleet.model import Fleet, Node
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


# ---- a chezmoi of our own: what it is asked, and what is made of its answer ----

NODE = Node("crtr", "cooperator")
FLEET = Fleet("/f", {"crtr": NODE}, {"all": ("crtr",)})


def chezmoi(folder: Path, script: str) -> dict[str, str]:
    """An environment with this script as chezmoi."""
    bin_ = folder / "bin"
    bin_.mkdir()
    (bin_ / "chezmoi").write_text(f"#!/bin/sh\n{script}\n")
    (bin_ / "chezmoi").chmod(0o755)
    return {"PATH": f"{bin_}:{os.environ['PATH']}", "HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}


def test_targets_are_read_out_of_chezmois_archive(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_text("text\n")
    (tree / "l").symlink_to("a")
    source = tmp_path / "source"
    source.mkdir()
    (source / ".chezmoi.toml.tmpl").write_text("[hooks]\n")
    environ = chezmoi(
        tmp_path,
        'echo "$HOME ${XDG_CONFIG_HOME-none} $*" >> "${0%/*}/asked"\n'
        "case $* in *--init*) printf 'mode = \"file\"\\n[hooks.x]\\n' ;;"
        f' *archive*) while [ "$1" != --config ]; do shift; done; cat "$2" >{tmp_path}/config;'
        f" tar -C {tree} -cf - . ;; esac",
    )
    done = render_offline.render(FLEET, NODE, str(source), environ)
    found = {name.removeprefix("./"): data for name, data in done.files.items()}
    assert found == {"a": b"text\n", "l": b"-> a"}
    init, archive = (tmp_path / "bin" / "asked").read_text().splitlines()
    assert (tmp_path / "config").read_text() == '{"mode": "file", "data": {}}'
    home, config, *words = archive.split()
    assert (home != "/nowhere", config) == (True, "none")
    assert words[:4] == ["--source", str(source), "--destination", home]
    assert "execute-template --init" in init
    assert not os.path.exists(home)


@pytest.mark.parametrize("verb", ["--init", "archive"])
def test_what_cannot_be_rendered_says_why(tmp_path: Path, verb: str) -> None:
    (tmp_path / ".chezmoi.toml.tmpl").touch()
    said = f'echo "chezmoi: warning: x" >&2; echo "chezmoi: {tmp_path}/a: bad" >&2; exit 1'
    environ = chezmoi(tmp_path, f'case "$*" in *{verb}*) {said} ;; esac')
    found = render_offline.render(FLEET, NODE, str(tmp_path), environ)
    assert found == render_offline.Rendered({}, "a: bad")


def test_chezmoi_that_fails_without_a_word(tmp_path: Path) -> None:
    done = render_offline.render(FLEET, NODE, "/tree", chezmoi(tmp_path, "exit 3"))
    assert done.problem == "chezmoi failed"


def test_without_chezmoi_nothing_is_rendered(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing):
        render_offline.render(FLEET, NODE, "/tree", {"PATH": str(tmp_path)})


def test_difference_leaves_out_what_is_gone_and_what_is_the_same() -> None:
    old = {"same": b"x\n", "gone": b"y\n", "changed": b"one\n"}
    new = {"same": b"x\n", "changed": b"two\n", "new": b"z\n"}
    changes, lines = render_offline.difference(old, new)
    assert changes == (" M changed", " A new")
    assert [line for line in lines if line[:2] in ("-o", "+t", "+z")] == ["-one", "+two", "+z"]
    assert "--- /dev/null" in lines
