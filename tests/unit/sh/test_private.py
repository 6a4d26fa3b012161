"""Files in folders that others may write to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.sh.practice import every_sh, run

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")


@every_sh
def test_a_folder_is_new_ours_and_closed(shell: str, tmp_path: Path) -> None:
    call = 'umask 000; private_folder "$1/work" && env pwd -P && ls -ld . | cut -c 1-10'
    found, mode = run(shell, "private", call, str(tmp_path)).split()
    assert found.startswith(f"{tmp_path}/work.")
    assert len(found.rpartition(".")[2]) == 12
    assert mode == "drwx------"


@every_sh
def test_a_folder_that_others_may_look_into_is_not_private(shell: str, tmp_path: Path) -> None:
    for mode, said in ((0o700, "yes"), (0o750, "no"), (0o701, "no"), (0o1777, "no")):
        tmp_path.chmod(mode)
        assert (
            run(shell, "private", 'cd "$1"; private_here && echo yes || echo no', str(tmp_path))
            == f"{said}\n"
        )


@every_sh
def test_a_link_on_the_way_is_seen_from_inside(shell: str, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    call = 'for d in real link; do (cd "$1/$d"; stands_in "$1/$d" && echo yes || echo no); done'
    assert run(shell, "private", call, str(tmp_path)) == "yes\nno\n"


@every_sh
@pytest.mark.parametrize(
    ("mode", "steady"), [(0o755, "yes"), (0o1777, "yes"), (0o775, "no"), (0o777, "no"), (0o757, "no")]
)
def test_a_name_is_steady_where_nobody_else_can_exchange_it(
    shell: str, mode: int, steady: str, tmp_path: Path
) -> None:
    (tmp_path / "f").touch()
    tmp_path.chmod(mode)
    assert run(shell, "private", 'cd "$1"; steady f && echo yes || echo no', str(tmp_path)) == f"{steady}\n"


@every_sh
@pytest.mark.parametrize("mode", [0o755, 0o1777, 0o777])
def test_attributes_are_set_of_the_file_itself(shell: str, mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    other = tmp_path / "other"
    other.touch(mode=0o600)
    (folder / "file").touch(mode=0o600)
    (folder / "folder").mkdir()
    (folder / "link").symlink_to(other)
    os.link(other, folder / "hard")
    call = 'cd "$1"; for n in file folder link gone; do set_attributes 640 "$2" "$n" && echo "$n"; done'
    call += "; :" if mode != 0o777 else '; set_attributes 640 "$2" hard || echo "a second name"'
    said = run(shell, "private", f"{{ {call}; }} 2>/dev/null", str(folder), "200109090146.40")
    assert said.split("\n")[:2] == ["file", "folder"]
    assert ("a second name" in said) == (mode == 0o777)
    for name in ("file", "folder"):
        state = (folder / name).stat()
        assert (state.st_mode & 0o777, state.st_mtime) == (0o640, 1e9)
    assert other.stat().st_mode & 0o777 == 0o600


@as_root
@every_sh
def test_what_another_user_owns_is_not_private(shell: str, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    (folder / "f").touch()
    call = 'cd "$1"; private_here && echo private; steady f && echo steady; echo end'
    assert run(shell, "private", call, str(folder)) == "end\n"
