"""The program of a pane, under every shell that may run it, with a ``tmux`` and an ``ssh`` that take notes.

Against real ones it runs in ``tests/integration/test_tmux_return.py``.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.tmux.opening import PROGRAM
from tests.support import need

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}


def test_it_is_clean() -> None:
    need("shellcheck")
    subprocess.run(["shellcheck", "-s", "sh", PROGRAM], check=True)


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """Notes go to ``notes``; ssh answers ``-G`` with the file ``config`` and ends as ``codes`` says, with the
    time in seconds that it is then."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "tmux").write_text('#!/bin/sh\necho "tmux $*" >> "$NOTES"\n')
    (programs / "mosh").write_text('#!/bin/sh\necho "mosh $*" >> "$NOTES"; exit "$MOSH_CODE"\n')
    (programs / "ssh").write_text(
        '#!/bin/sh\nif [ "$1" = -G ]; then cat "$CONFIG"; exit; fi\n'
        'echo "ssh $*" >> "$NOTES"\n'
        'read -r code now < "$CODES"; sed -i 1d "$CODES"; '
        '[ -z "$now" ] || echo "$now" > "$NOW"; exit "$code"\n'
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    for name, text in (("notes", ""), ("config", ""), ("codes", ""), ("now", "0\n")):
        (tmp_path / name).write_text(text)
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TMUX_PANE": "%7",
        "NOTES": str(tmp_path / "notes"),
        "CONFIG": str(tmp_path / "config"),
        "CODES": str(tmp_path / "codes"),
        "NOW": str(tmp_path / "now"),
        "MOSH_CODE": "0",
    }


# Waiting takes no time here, and a clock goes on only where ssh says so. Busybox has programs of these names
# built in, which come before PATH; a function comes before those.
CLOCK = 'sleep() { echo "sleep $1" >> "$NOTES"; }; date() { cat "$NOW"; }; . "$0"'


def run(shell: str, world: dict[str, str], *words: str) -> tuple[int, list[str], str]:
    need(SHELLS[shell][0])
    done = subprocess.run(
        [*SHELLS[shell], "-c", CLOCK, PROGRAM, *words],
        env=world,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
    )
    return done.returncode, Path(world["NOTES"]).read_text().splitlines(), done.stdout + done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_pane_retries_with_longer_pauses(shell: str, world: dict[str, str]) -> None:
    Path(world["CODES"]).write_text("255\n3\n255\n255\n255\n0 2\n")
    code, notes, said = run(shell, world, "crtr", "ssh", "-o", "User=x", "--", "crtr")
    assert code == 0
    waits = [f"sleep {n}" for n in (1, 2, 4, 8, 16)]
    assert [note for note in notes if note.startswith("sleep")] == waits
    assert (
        "(see ssh's message above; for a host key: do not edit known_hosts, run 'stentor trust crtr'); "
        "next try in 1 s" in said
    )
    assert "the login shell of crtr ended with 3 at once; next try in 2 s" in said
    states = [
        note.split("@state ")[1] for note in notes if note.startswith("tmux set-option -p -t %7 @state")
    ]
    assert states[:4] == ["connecting", "down, next try in 1 s", "connecting, try 2", "down, next try in 2 s"]


@pytest.mark.parametrize("shell", SHELLS)
def test_end_of_the_shell_closes_the_pane(shell: str, world: dict[str, str]) -> None:
    Path(world["CODES"]).write_text("7 2\n")
    code, notes, _ = run(shell, world, "crtr", "ssh", "--", "crtr")
    assert code == 7
    assert sum(note.startswith("ssh ") for note in notes) == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_ssh_options_of_the_user_are_kept(shell: str, world: dict[str, str]) -> None:
    Path(world["CODES"]).write_text("0 2\n")
    Path(world["CONFIG"]).write_text(
        "permitlocalcommand yes\nlocalcommand notify-send in\nserveraliveinterval 60\nconnecttimeout 3\n"
    )
    _, notes, _ = run(shell, world, "crtr", "ssh", "--", "crtr")
    assert [note for note in notes if note.startswith("ssh ")] == ["ssh -- crtr"]


@pytest.mark.parametrize("shell", SHELLS)
def test_ssh_options_that_are_not_set_are_added(shell: str, world: dict[str, str]) -> None:
    Path(world["CODES"]).write_text("0 2\n")
    Path(world["CONFIG"]).write_text("permitlocalcommand no\nserveraliveinterval 0\nconnecttimeout none\n")
    _, notes, _ = run(shell, world, "crtr", "ssh", "-F", "f", "--", "crtr", "exec sh -c 'a b'")
    added = "-o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ConnectTimeout=10 -o PermitLocalCommand=yes"
    hears = "-o LocalCommand=tmux set-option -p -t %%7 @state up"
    [said] = [note for note in notes if note.startswith("ssh ")]
    assert said == f"ssh {added} {hears} -F f -- crtr exec sh -c 'a b'"


@pytest.mark.parametrize("shell", SHELLS)
def test_mosh(shell: str, world: dict[str, str]) -> None:
    code, notes, _ = run(shell, world, "-m", "ssh -F f", "crtr", "ssh", "-F", "f", "--", "crtr")
    assert code == 0
    assert "mosh --ssh=ssh -F f crtr" in notes
    assert not any(note.startswith("ssh ") for note in notes)
    world["MOSH_CODE"] = "1"
    Path(world["CODES"]).write_text("0 2\n")
    code, notes, said = run(shell, world, "-m", "ssh -F f", "crtr", "ssh", "-F", "f", "--", "crtr")
    assert "mosh to crtr ended with 1; going on with ssh" in said
    assert any(note.startswith("ssh ") for note in notes)
