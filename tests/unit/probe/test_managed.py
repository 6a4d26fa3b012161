"""Fixes of files that chezmoi manages go to the repository; any node's sh finds out which files these are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stentor import sh
from stentor.probe.finding import Finding
from stentor.probe.managed import in_repository
from tests.support import need


def found(fix: str, safe_fix: str = "") -> Finding:
    return Finding("command-missing", "bad", "x is not found", "", "", fix, safe_fix)


@pytest.mark.parametrize(
    ("fix", "edit"),
    [
        ("sed -i '1i PATH=a:$PATH' ~/.bashrc  # at its top: further down", "at its top: PATH=a:$PATH"),
        ("echo 'PATH=a' >> ~/.bashrc", "add: PATH=a"),
        (
            "let ~/.bashrc:12 keep what was there: ...:$PATH",
            "let ~/.bashrc:12 keep what was there: ...:$PATH",
        ),
    ],
)
def test_a_managed_file_is_edited_in_the_repository(fix: str, edit: str) -> None:
    (now,) = in_repository([found(fix, "chmod 644 600 .bashrc")], (".bashrc",), "drtr")
    assert now.fix == (
        f"chezmoi manages it, so here and not on the node: chezmoi edit ~/.bashrc ({edit}),"
        " then stentor dotfiles push drtr -m MESSAGE"
    )
    assert now.safe_fix == ""


@pytest.mark.parametrize(
    ("fix", "file", "edit"),
    [
        (
            "mv ~/.ssh/rc ~/.ssh/rc.old",
            ".ssh/rc",
            "chezmoi forget ~/.ssh/rc, and .ssh/rc as a line of .chezmoiremove",
        ),
        ("chmod 700 ~/.ssh", ".ssh", "chezmoi chattr private ~/.ssh"),
        ("chmod 600 ~/.ssh/config", ".ssh/config", "chezmoi chattr private ~/.ssh/config"),
        (
            "mkdir -p x && echo 'PATH=a' >> ~/.config/environment.d/10-path.conf && systemctl x",
            ".config/environment.d/10-path.conf",
            "chezmoi edit ~/.config/environment.d/10-path.conf (add: PATH=a)",
        ),
    ],
)
def test_each_sort_of_fix_has_its_own_way_in_the_repository(fix: str, file: str, edit: str) -> None:
    (now,) = in_repository([found(fix, "move .ssh/rc")], (file, ".ssh"), "drtr")
    assert now.fix.startswith(f"chezmoi manages it, so here and not on the node: {edit}, then ")
    assert now.safe_fix == ""


@pytest.mark.parametrize("managed", [(), (".bash",), (".bashrc.d",), (".zshrc",)])
def test_any_other_fix_stays(managed: tuple[str, ...]) -> None:
    before = found("sed -i '1i x' ~/.bashrc", "move .ssh/rc")
    assert [*in_repository([before], managed, "drtr")] == [before]


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
@pytest.mark.parametrize("place", ["default", "root", "configured"])
def test_managed_files_are_known_by_their_names_in_the_source(tmp_path: Path, shell: str, place: str) -> None:
    need(shell)
    source = tmp_path / ".local/share/chezmoi"
    if place == "configured":
        source = tmp_path / "dotfiles"
        config = tmp_path / ".config/chezmoi/chezmoi.toml"
        config.parent.mkdir(parents=True)
        config.write_text('[edit]\n\nsourceDir = "~/dotfiles"\n')
    source.mkdir(parents=True)
    if place == "root":
        (source / ".chezmoiroot").write_text("home\n")
        source /= "home"
    names = ["private_dot_bashrc.tmpl", "dot_zshenv", "not-dot_profile", "dot_zshrc.d/x", "dot_bashrc_local"]
    for name in [*names, "private_dot_ssh/executable_rc", "dot_config/exact_fish/config.fish"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("")
    words = [shutil.which(shell) or shell, *(["sh"] if shell == "busybox" else [])]
    program = sh.join("doctor/managed", call="managed")
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*words, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split()[1::2] == [".bashrc", ".zshenv", ".ssh/rc", ".ssh", ".config/fish/config.fish"]
    assert done.stderr == ""
