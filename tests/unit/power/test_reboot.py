"""The commands that reboot a node, and whether it is back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stentor.power.reboot import BOOT_ID, FORBIDDEN, is_back, reboot, shutdown


@pytest.mark.parametrize(
    ("before", "now", "back"), [("a", "b", True), ("a", "a", False), ("a", "", False), ("a", None, False)]
)
def test_a_node_is_back_once_another_system_answers(before: str, now: str | None, back: bool) -> None:
    assert is_back(before, now) is back


def run(folder: Path, command: str, user: int, sudo: str) -> tuple[int, str]:
    """Run it as this user, where nothing is found that ends a system; return exit code and answer."""
    said = f'echo "${{0##*/}} $*" >>{folder}/asked'
    ends = f"{said}; echo >{folder}/done"
    programs = {"sleep": ":", "id": f"echo {user}", "sudo": f"{said}; {sudo}", "shutdown": f"{said}; exit 1"}
    for name, text in {**programs, "reboot": ends, "poweroff": ends}.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    path = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        ["sh", "-c", command], env=path, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout


def test_who_may_not_is_told_before_anything_happens(tmp_path: Path) -> None:
    for command in (reboot(), shutdown()):
        assert run(tmp_path, command, 1000, "exit 1") == (FORBIDDEN, "")
    assert set((tmp_path / "asked").read_text().splitlines()) == {"sudo -n true"}


@pytest.mark.parametrize(
    ("command", "user", "said"),
    [
        (reboot(), 0, ["shutdown -r now", "reboot "]),
        (shutdown(), 0, ["shutdown -h now", "poweroff "]),
        (reboot(), 1000, ["sudo -n true", "sudo -n shutdown -r now", "sudo -n reboot"]),
        (shutdown(), 1000, ["sudo -n true", "sudo -n shutdown -h now", "sudo -n poweroff"]),
    ],
)
def test_another_program_is_tried_where_shutdown_fails(
    tmp_path: Path, command: str, user: int, said: list[str]
) -> None:
    sudo = f'[ "$2" != shutdown ] || exit 1; [ "$2" = true ] || echo >{tmp_path}/done'
    assert run(tmp_path, command, user, sudo) == (0, "going\n")
    for _ in range(600):
        if (tmp_path / "done").exists():
            break
        subprocess.run(["/bin/sleep", "0.1"], check=True)
    assert (tmp_path / "asked").read_text().splitlines() == said


def test_the_boot_id_is_the_same_until_the_next_start() -> None:
    first, second = (
        subprocess.run(["sh", "-c", BOOT_ID], capture_output=True, text=True, timeout=60) for _ in "ab"
    )
    assert first.stdout.strip() and first.stdout == second.stdout
