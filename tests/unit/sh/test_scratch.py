"""Temporary folders of programs on nodes, and what becomes of those which a killed program left."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.unit.sh.practice import every_sh, run

NOBODY = 2**22 + 1  # above the highest process number that Linux gives
LONG_AGO = time.time() - 7200


def abandoned(parent: Path, name: str, *, mode: int = 0o700, when: float = LONG_AGO) -> Path:
    folder = parent / name
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    (folder / "file").write_text("left")
    (folder / ".hidden").write_text("left")
    os.utime(folder, (when, when))
    return folder


@every_sh
def test_a_new_folder_is_for_us_alone_and_names_the_process(shell: str, tmp_path: Path) -> None:
    call = 'umask 000; scratch_folder && echo "$made"'
    made = Path(run(shell, "scratch", call, environ={"TMPDIR": str(tmp_path)}).strip())
    assert made.parent == tmp_path
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.name.split(".")[1].isdigit()


@every_sh
def test_what_a_killed_program_left_is_removed(shell: str, tmp_path: Path) -> None:
    left = abandoned(tmp_path, f"stentor.{NOBODY}.aaaaaa")
    kept = [
        abandoned(tmp_path, f"stentor.{os.getpid()}.aaaaaa"),  # runs
        abandoned(tmp_path, f"stentor.{NOBODY}.bbbbbb", when=time.time()),  # of another container, perhaps
        abandoned(tmp_path, f"stentor.{NOBODY}.cccccc", mode=0o755),  # not made by us
        abandoned(tmp_path, "stentor.1x.dddddd"),
    ]
    elsewhere = abandoned(tmp_path, "elsewhere")
    link = tmp_path / f"stentor.{NOBODY}.eeeeee"
    link.symlink_to(elsewhere)
    run(shell, "scratch", 'scratch_folder "$1"; rmdir "$made"', str(tmp_path))
    assert not left.exists()
    assert all((folder / "file").exists() for folder in [*kept, elsewhere])
    assert link.is_symlink()
    assert len(list(tmp_path.iterdir())) == len(kept) + 2


@every_sh
def test_where_none_can_be_made_it_fails(shell: str, tmp_path: Path) -> None:
    assert run(shell, "scratch", 'scratch_folder "$1/none" || echo failed', str(tmp_path)) == "failed\n"
