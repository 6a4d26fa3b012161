"""Parts of the dotfiles' program by themselves; the whole is tried in tests/integration/dotfiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor import sh
from tests.unit.sh.practice import every_sh, run


@every_sh
@pytest.mark.parametrize(
    ("version", "enough"),
    [("2.70.5", True), ("2.70.4", False), ("2.71", True), ("3", True), ("2.69.99", False), ("", False)],
)
def test_a_version_is_compared_number_by_number(shell: str, version: str, enough: bool) -> None:
    call = 'if new_enough "$1"; then echo yes; else echo no; fi'
    said = run(shell, "dotfiles/node", call, version, MINIMUM="2 70 5", S="/none")
    assert said == ("yes\n" if enough else "no\n")


@every_sh
def test_a_refusal_says_why_and_ends_with_3(shell: str, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    call = '(scratch=$1; refuse "old it is too old"); echo $?; (fail why); echo $?'
    said = run(shell, "dotfiles/answer", call, str(tmp_path / "scratch"))
    assert said == "refused old it is too old\nend 3\n3\nfailed why\nend 1\n1\n"
    assert not (tmp_path / "scratch").exists()


@every_sh
def test_the_program_on_the_disk_has_no_bundle(shell: str) -> None:
    assert run(shell, "dotfiles/answer", "program", p="a\nSTENTOR_BUNDLE=xyz\nb") == "a\nb\n"


@every_sh
def test_everything_is_in_the_state_directory_whatever_xdg_says(shell: str) -> None:
    environ = {"HOME": "/h", "XDG_STATE_HOME": "/elsewhere"}
    said = run(shell, "dotfiles/settings", 'printf "%s\\n" "$S" "$P" "$N" "$R" "$T"', environ=environ)
    assert {line.startswith(f"/h/{sh.STATE}/dotfiles") for line in said.splitlines()} == {True}


@every_sh
def test_a_snapshot_brings_back_files_links_and_folders(shell: str, tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept"
    (home / "dir").mkdir(parents=True)
    (home / "it's \\ a file").write_text("old")
    (home / "link").symlink_to("nowhere")
    (home / "dir" / "inner").write_text("inner")
    kept.mkdir()
    (kept / "managed").write_text("it's \\ a file\nlink\ndir\nnew\nnew folder\n")
    (kept / "status").write_text(" D dir\n")
    (kept / "externals").write_text("")
    environ = {"HOME": str(home)}
    take = 'scratch=$1; snapshot "$1" && echo taken'
    assert run(shell, "dotfiles/snapshot", take, str(kept), environ=environ) == "taken\n"
    (home / "it's \\ a file").write_text("changed")
    (home / "link").unlink()
    (home / "link").mkdir()
    (home / "dir" / "inner").unlink()
    (home / "dir").rmdir()
    (home / "dir").write_text("a file now")
    (home / "new").write_text("new")
    (home / "new folder").mkdir()
    back = 'restore "$1" >/dev/null && echo back'
    for _ in range(2):  # it may be killed in the middle, and is done again
        assert run(shell, "dotfiles/snapshot", back, str(kept), environ=environ) == "back\n"
        assert sorted(path.name for path in home.iterdir()) == ["dir", "it's \\ a file", "link"]
        assert (home / "it's \\ a file").read_text() == "old"
        assert (home / "link").is_symlink()
        assert (home / "dir" / "inner").read_text() == "inner"
