"""What is kept on a node is listed, removed, and read back; what is under way or not ours stays."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.unit.sh.practice import every_sh, run

CRONTAB = """#!/bin/sh
cd || exit
case $1 in -l) cat crontab 2>/dev/null ;; *) cat >new && mv new crontab ;; esac
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node's home with all that stentor may keep, and a line of the user's in its crontab."""
    home = tmp_path.resolve() / "home"
    state = home / ".local/state/stentor"
    for folder in (
        "dotfiles/history/one",
        "dotfiles/timer",
        "snapshots",
        "copies",
        "services",
        "fleet-lock.stale.7",
    ):
        (state / folder).mkdir(parents=True)
    partial = home / "site/.stentor-copy.999999999.AbCdEfGhIjKl"
    partial.mkdir(parents=True, mode=0o700)
    (partial / "half").write_text("half")
    (state / "copies/AbCdEfGhIjKl").write_text(f"{partial}\n")
    (home / ".local/bin").mkdir()
    (home / ".local/bin/crontab").write_text(CRONTAB)
    (home / ".local/bin/crontab").chmod(0o755)
    (home / "crontab").write_text(
        "0 5 * * * backup\n@reboot x # stentor-dotfiles-undo\n*/5 * * * * y # stentor-dotfiles-timer\n"
    )
    return home


def said(shell: str, home: Path, verb: str) -> list[str]:
    """The lines of an answer, without sizes."""
    text = run(shell, "uninstall", f"uninstall {verb}", environ={"HOME": str(home)})
    lines = [line.split() for line in text.replace(str(home), "~").splitlines()]
    return [" ".join(word for word in words if not word.isdigit()) for words in lines]


def everything(shell: str) -> list[str]:
    """All that is kept. busybox has a crontab of its own, which it takes before any in PATH."""
    return [
        *(["timer cron", "boot cron"] if shell != "busybox" else []),
        "copy ~/site/.stentor-copy.999999999.AbCdEfGhIjKl",
        "state ~/.local/state/stentor/copies",
        "state ~/.local/state/stentor/dotfiles",
        "state ~/.local/state/stentor/services",
        "state ~/.local/state/stentor/snapshots",
        "listed",
    ]


@every_sh
def test_all_is_removed_but_what_is_the_users(shell: str, home: Path) -> None:
    assert said(shell, home, "look") == everything(shell)
    assert said(shell, home, "look") == everything(shell), "a look removes nothing"
    assert said(shell, home, "remove") == ["listed"]
    assert not (home / ".local/state/stentor").exists()
    assert shell == "busybox" or (home / "crontab").read_text() == "0 5 * * * backup\n"
    assert list((home / "site").iterdir()) == []
    assert said(shell, home, "remove") == ["listed"], "where nothing is left, too"


@every_sh
def test_what_is_not_known_as_ours_stays(shell: str, home: Path) -> None:
    journal = home / ".local/state/stentor/journal.db"
    journal.write_text("another operator's")
    assert said(shell, home, "remove") == ["other ~/.local/state/stentor/journal.db", "listed"]
    assert journal.exists()


@every_sh
def test_a_change_that_waits_to_be_confirmed_is_not_cut_off(shell: str, home: Path) -> None:
    pending = home / ".local/state/stentor/dotfiles/pending"
    pending.mkdir()
    (pending / "op").write_text("op-7\n")
    assert said(shell, home, "look")[0] == "pending op-7"
    assert said(shell, home, "remove") == ["pending op-7"]
    assert said(shell, home, "look")[1:] == everything(shell)
    (pending / "confirmed").write_text("")
    assert said(shell, home, "remove") == ["listed"]


@every_sh
def test_a_change_of_services_is_not_cut_off(shell: str, home: Path) -> None:
    (home / ".local/state/stentor/services/pending").mkdir()
    assert said(shell, home, "remove") == ["pending services"]
    assert said(shell, home, "look") == ["pending services", *everything(shell)]


@every_sh
def test_nothing_is_removed_below_an_operation(shell: str, home: Path) -> None:
    lock = home / ".local/state/stentor/fleet-lock"
    lock.mkdir()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    until = int(time.time()) + 60
    (lock / "owner").write_text(f"token {until} {boot} 1700000000 crtr@cooperator run\n")
    assert said(shell, home, "remove") == ["held token crtr@cooperator run"]
    assert sorted(said(shell, home, "look")) == sorted(
        ["held token crtr@cooperator run", "state ~/.local/state/stentor/fleet-lock", *everything(shell)]
    )
    assert said(shell, home, "remove token") == ["listed"], "the operation with this token was killed"
    assert not lock.exists()
    lock.mkdir(parents=True)
    (lock / "owner").write_text(f"token 1 {boot} 1700000000 crtr@cooperator run\n")
    assert said(shell, home, "remove") == ["listed"]
