"""The journal on disks that are full or cannot be written: real file systems, in a mount namespace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stentor.lab import Lab
from tests.support import need

pytestmark = pytest.mark.integration
STENTOR = f"{sys.executable} -m stentor"
# Far more output than the smallest of these disks has room for.
MUCH = "echo hi; head -c 20000 /dev/zero | tr '\\0' x"


class Said(NamedTuple):
    """What came of a script."""

    code: int
    stdout: str
    errors: list[str]


@pytest.fixture
def on_disk(lab: Lab, environ: dict[str, str]) -> Any:
    """Run a script where ``$HOME/disk`` is an empty tmpfs with these options, and the state lies there."""
    need("unshare", "mount")
    disk = Path(environ["HOME"], "disk")
    disk.mkdir()
    who = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    variables = {**environ, "XDG_STATE_HOME": str(disk), "STENTOR_FLEET": str(lab.fleet_dir)}
    # The warm connections are there already: a login of its own is not what is looked at.
    subprocess.run([sys.executable, "-m", "stentor", "run", "-q", "@core", "true"], env=environ, check=True)

    def run(options: str, script: str) -> Said:
        inside = f'mount -t tmpfs -o {options} tmpfs "$XDG_STATE_HOME"\n{script}'
        words = ["unshare", "--mount", *who, "sh", "-c", inside]
        done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60)
        return Said(done.returncode, done.stdout, done.stderr.splitlines())

    return run


@pytest.mark.parametrize("options", ["size=4k", "size=16k", "size=60k", "size=100k", "nr_inodes=2"])
def test_a_full_disk_is_one_line_and_the_command_runs(on_disk: Any, options: str) -> None:
    done = on_disk(options, f'{STENTOR} run -q crtr "{MUCH}"')
    assert (done.code, done.stdout[:3], len(done.stdout)) == (0, "hi\n", 20003)
    (line,) = done.errors
    assert line.startswith("stentor: not ")
    assert "journal" in line


def test_what_fits_is_kept_and_the_journal_stays_whole(on_disk: Any, tmp_path: Path) -> None:
    keep = f'cp "$XDG_STATE_HOME/stentor/"* {tmp_path}/'
    runs = f'{STENTOR} run -q @core "{MUCH}"\n' * 3
    done = on_disk("size=200k", f"{runs}{keep}\n{STENTOR} history --json")
    assert done.code == 0
    assert len(done.errors) == 3, "one line for each, and none says that it was killed"
    assert "not all of it is written to the journal: the disk is full" in done.errors[0]
    assert all("the operation goes on" in line for line in done.errors[1:])
    book = sqlite3.connect(tmp_path / "journal.db")
    assert book.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert book.execute("SELECT count(*), count(ended) FROM operations").fetchall() == [(1, 1)]
    assert book.execute("SELECT kind, count(*) FROM nodes GROUP BY 1").fetchall() == [("ok", 3)]
    (cut,) = book.execute("SELECT max(stdout_cut) FROM nodes").fetchone()
    assert cut == 20003, "that there was output is known, and how much"
    book.close()


def test_a_full_disk_which_gets_room_again(on_disk: Any) -> None:
    fill = 'dd if=/dev/zero of="$XDG_STATE_HOME/fill" bs=1k'
    done = on_disk(
        "size=400k",
        f"""{STENTOR} run -q crtr 'echo first'
        {fill} 2>/dev/null
        {STENTOR} run -q crtr 'echo second'
        rm "$XDG_STATE_HOME/fill"
        {STENTOR} run -q crtr 'echo third'
        {STENTOR} history | sed 's/.*  //'""",
    )
    assert done.stdout.split() == ["first", "second", "third", "WHAT", "echo", "third", "echo", "first"]
    assert len(done.errors) == 1


@pytest.mark.parametrize("closed", [False, True], ids=["as it was left", "closed"])
def test_a_home_that_became_read_only_is_read_all_the_same(on_disk: Any, closed: bool) -> None:
    close = f"""{sys.executable} -c '
import os, sqlite3
book = sqlite3.connect(os.environ["XDG_STATE_HOME"] + "/stentor/journal.db")
book.execute("SELECT count(*) FROM operations").fetchall()
book.close()'"""
    done = on_disk(
        "size=1m",
        f"""{STENTOR} run -q crtr,prtr 'test $(hostname) = crtr'
        {close if closed else ":"}
        mount -o remount,bind,ro "$XDG_STATE_HOME"
        {STENTOR} run @failed hostname
        {STENTOR} history | sed 1d""",
    )
    assert done.code == 0
    hostname, history = done.stdout.splitlines()
    assert hostname == "prtr"
    assert "crtr,prtr  1 failed, 1 ok" in history
    assert [line for line in done.errors if "it is read-only" in line and "the operation goes on" in line]


def test_a_home_that_always_was_read_only(on_disk: Any) -> None:
    done = on_disk(
        "ro,size=64k",
        f"""{STENTOR} run -q crtr 'echo hi'; echo $?
        {STENTOR} history; echo $?
        {STENTOR} run @failed true; echo $?
        {STENTOR} rerun --failed; echo $?""",
    )
    assert done.stdout.split() == ["hi", "0", "0", "2", "0"]
    assert "read-only file system" in done.errors[0]
    assert "the journal has no operation yet" in done.errors
    assert sum("no operation in this fleet yet" in line for line in done.errors) == 1
    assert "no node failed in any operation of this fleet; nothing to rerun" in done.errors
