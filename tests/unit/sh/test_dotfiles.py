"""Parts of the dotfiles' program by themselves; the whole is tried in tests/integration/dotfiles."""

from __future__ import annotations

import os
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
    said = run(shell, "dotfiles/node", call, version, TRIED="2 70 5", S="/none")
    assert said == ("yes\n" if enough else "no\n")


@every_sh
@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("chezmoi: unknown flag: --less-interactive\n", "has no --less-interactive; 2.66 or later has"),
        (
            "panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.main()\n",
            'takes facts only with a "data" section in its config; 2.68 or later needs none',
        ),
        ("unknown flag: --of-another\nchezmoi: .x: template: dot_x.tmpl:1: exit status 1\n", ""),
    ],
    ids=["option", "data", "another's"],
)
def test_what_an_old_chezmoi_lacks_is_told_from_what_it_said(
    shell: str, tmp_path: Path, said: str, lacks: str
) -> None:
    (tmp_path / "err").write_text(said)
    call = 'lacking "$1"; echo "$text"'
    assert run(shell, "dotfiles/node", call, str(tmp_path / "err"), S="/none") == f"{lacks}\n"


@every_sh
def test_a_refusal_says_why_and_ends_with_3(shell: str, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    call = '(scratch=$1; refuse "old it is too old"); echo $?; (fail why); echo $?'
    said = run(shell, "dotfiles/answer", call, str(tmp_path / "scratch"))
    assert said == "refused old it is too old\nend 3\n3\nfailed why\nend 1\n1\n"
    assert not (tmp_path / "scratch").exists()


@every_sh
def test_the_program_on_the_disk_has_no_bundle(shell: str) -> None:
    assert run(shell, "dotfiles/answer", "program", p="a\nb") == "a\nb\n"
    text = "a\nSTENTOR_BUNDLE=xyz\nb"
    assert run(shell, "dotfiles/answer", "program", p=text, STENTOR_BUNDLE="xyz") == "a\nb\n"


@every_sh
def test_everything_is_in_the_state_directory_whatever_xdg_says(shell: str) -> None:
    environ = {"HOME": "/h", "XDG_STATE_HOME": "/elsewhere"}
    said = run(shell, "dotfiles/settings", 'printf "%s\\n" "$S" "$P" "$N" "$R" "$T"', environ=environ)
    assert {line.startswith(f"/h/{sh.STATE}/dotfiles") for line in said.splitlines()} == {True}


@every_sh
def test_a_snapshot_brings_back_what_was_touched_and_nothing_else(shell: str, tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept"
    odd = ['it\'s \\ a "file"', "a\ttab", "-n", "a -> b"]
    (home / "dir").mkdir(parents=True)
    for name in odd:
        (home / name).write_text("old")
    (home / "link").symlink_to("no\twhere")
    (home / "dir" / "inner").write_text("inner")
    (home / "private").mkdir(0o755)
    (home / "same").write_text("same")
    os.utime(home / "same", ns=(1, 123456789))
    kept.mkdir()
    names = [*odd, "link", "dir", "new", "new folder", "same", "private"]
    (kept / "paths").write_text("".join(f".{home}/{name}\n" for name in names))
    (kept / "whole").write_text(f"all .{home}/dir\n")
    (kept / "made").write_text(f".{home}/new external\n")
    environ = {"HOME": str(home)}
    take = 'take_snapshot "$1" && reserve "$1" && echo taken'
    assert run(shell, "dotfiles/snapshot", take, str(kept), environ=environ) == "taken\n"
    for name in odd:
        (home / name).write_text("changed")
    (home / "link").unlink()
    (home / "link").mkdir()
    (home / "dir" / "inner").unlink()
    (home / "dir").rmdir()
    (home / "dir").write_text("a file now")
    (home / "new").write_text("new")
    (home / "new folder").mkdir()
    (home / "new external" / "deep").mkdir(parents=True)
    (home / "private").chmod(0o700)
    assert run(shell, "dotfiles/snapshot", 'kept_after "$1" && echo', str(kept), environ=environ) == "\n"
    (home / "private" / "made meanwhile").write_text("mine")
    (home / "same").chmod(0o600)
    back = 'restore "$1" >/dev/null && echo back'
    for _ in range(2):  # it may be killed in the middle, and is done again
        assert run(shell, "dotfiles/restore", back, str(kept), environ=environ) == "back\n"
        assert sorted(path.name for path in home.iterdir()) == sorted(
            ["dir", *odd, "link", "private", "same"]
        )
        assert [(home / name).read_text() for name in odd] == ["old"] * len(odd)
        assert os.readlink(home / "link") == "no\twhere"
        assert (home / "dir" / "inner").read_text() == "inner"
        assert (home / "private").stat().st_mode & 0o777 == 0o755
        assert (home / "private" / "made meanwhile").read_text() == "mine"
        assert (home / "same").stat().st_mtime_ns == 123456789
        assert (home / "same").stat().st_mode & 0o777 == 0o600, "an edit of what the change left alone"
        assert (kept / "left").read_text() == ""


@every_sh
def test_what_cannot_be_put_back_is_named_and_the_rest_is(shell: str, tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "kept"
    for name in ("a", "b"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text("old")
    kept.mkdir()
    (kept / "paths").write_text(f".{home}/a/file\n.{home}/b/file\n")
    assert run(shell, "dotfiles/snapshot", 'take_snapshot "$1" && echo', str(kept), environ={}) == "\n"
    for name in ("a", "b"):
        (home / name / "file").unlink()
    (home / "a" / "file").mkdir()
    (home / "a" / "file" / "mine").write_text("in its place")
    (home / "b" / "file").write_text("new")
    assert run(shell, "dotfiles/restore", 'restore "$1" >/dev/null && echo', str(kept), environ={}) == "\n"
    assert (kept / "left").read_text() == f".{home}/a/file\n"
    assert (home / "b" / "file").read_text() == "old"
    assert (home / "a" / "file" / "mine").read_text() == "in its place"


@every_sh
def test_a_signature_has_every_name_or_is_none(shell: str, tmp_path: Path) -> None:
    names = [f"n {number:03} \\n*?" for number in range(450)]  # more than are asked for at once
    for name in names:
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("n -> m  n")
    (tmp_path / "list").write_text("".join(f".{tmp_path}/{name}\n" for name in ["link", *names, "none"]))
    sign = 'sign "$1/list" "$1/out" && cut -f2- "$1/out"'
    said = run(shell, "dotfiles/signature", sign, str(tmp_path))
    assert said == "".join(f".{tmp_path}/{name}\n" for name in ["link", *names])
    assert f" n -> m  n\t.{tmp_path}/link\n" in (tmp_path / "out").read_text()
    stops = '_list() { ls -ldn "$@"; return 1; }; sign "$1/list" "$1/short" || echo failed'
    assert run(shell, "dotfiles/signature", stops, str(tmp_path)) == "failed\n"
    assert not (tmp_path / "short").exists()
