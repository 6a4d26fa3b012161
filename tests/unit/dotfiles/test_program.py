"""What is sent to nodes, tried with the shells it must survive."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.support import need

SHELLS = ["dash", "bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_login_shell_of_any_kind_passes_it_on(shell: str, tmp_path: Path) -> None:
    need(shell)
    path = shutil.which(shell)
    done = subprocess.run(
        [str(path), "-c", program.command("nonsense", op="it's", rev="a b")],
        input=program.compose(facts='{"x": "it\'s"}'),
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[0] == "stentor-dotfiles 1 nonsense"
    assert done.stdout.splitlines()[-2:] == ["failed usage there is no verb nonsense", "end 1"]


def test_the_program_itself_holds_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"x" * 1000)
    text = program.compose(bundle=str(tmp_path / "b"))
    assert "\nSTENTOR_BUNDLE=" in text
    done = subprocess.run(
        ["sh", "-c", text.replace('main "$@"', "program")],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "p": text},
        capture_output=True,
        text=True,
    )
    assert "STENTOR_BUNDLE='" not in done.stdout
    assert "\nSTENTOR_BUNDLE=" not in done.stdout
    assert "restore()" in done.stdout


def test_the_line_which_runs_the_kept_copy() -> None:
    assert program.kept("confirm", op="o", token="t") == (
        "sh ~/.local/state/stentor/dotfiles/pending/program confirm 'op=o' 'token=t'"
    )


@pytest.mark.parametrize("verb", program.ALONE)
def test_a_program_that_only_looks_has_nothing_that_changes_a_node(verb: str) -> None:
    alone, whole = program.node_program(verb), program.node_program("begin")
    assert f"\n{verb}() {{" in alone
    assert "\nperform() {" not in alone
    assert "\nperform() {" in whole
