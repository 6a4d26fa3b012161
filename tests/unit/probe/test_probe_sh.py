"""The probe itself, under every shell that is here; a process of this machine, no network."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stentor.probe.facts import Facts, parse
from stentor.sh import program
from tests.support import need

SCRIPT = Path(program.path("probe"))
SHELLS = ["dash", "bash", "bash --posix", "busybox sh", "zsh --emulate sh"]
SHELLS += [name for name in ("ksh", "mksh", "yash", "posh") if shutil.which(name)]


def probe(shell: str, home: Path, *, path: str = "/usr/bin:/bin") -> Facts:
    words = shell.split()
    need(words[0])
    with SCRIPT.open("rb") as script:
        done = subprocess.run(
            [*words, "-s"],
            stdin=script,
            capture_output=True,
            env={"HOME": str(home), "PATH": path, "TMUX_TMPDIR": str(home)},
            timeout=30,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    return parse(done.stdout)


def command(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("shell", SHELLS)
def test_it_tells_the_truth(shell: str, tmp_path: Path) -> None:
    command(tmp_path, "chezmoi", 'test "$1" = --version && echo "chezmoi version v2.52.1, commit abc"')
    facts = probe(shell, tmp_path, path=f"{tmp_path}:/usr/bin:/bin")
    system, _, release, _, machine = os.uname()
    assert facts.complete
    assert facts.hung == ()
    assert (facts.kernel, facts.arch) == (release, machine)
    assert facts.clock is not None
    assert abs(facts.clock - time.time()) < 10
    assert facts.chezmoi == "2.52.1"
    assert facts.home_writable is True
    assert facts.users is not None
    if shutil.which("tmux", path="/usr/bin:/bin"):
        assert facts.tmux == 0
    if system == "Linux":
        assert facts.uptime is not None
        assert abs(facts.uptime - float(Path("/proc/uptime").read_text().split()[0])) < 10
        assert facts.cores == len(os.sched_getaffinity(0))
        usage = shutil.disk_usage("/")
        assert facts.root
        assert facts.root.total == usage.total
        assert facts.memory_total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_what_hangs_is_left_out_and_ended(tmp_path: Path) -> None:
    """A dead network disk under $HOME, and a tmux server that is stopped; three shells at once."""
    shells = ["dash", "bash", "busybox sh"]
    homes = [tmp_path / shell.split()[0] for shell in shells]
    for home in homes:
        home.mkdir()
        real = f'case "$3" in /) exec {shutil.which("df")} "$@" ;; esac'
        command(home, "df", f"{real}; echo $$ >{home}/df.pid; exec sleep 600")
        command(home, "tmux", f"echo $$ >{home}/tmux.pid; exec sleep 600")
    try:
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda s, h: probe(s, h, path=f"{h}:/usr/bin:/bin"), shells, homes))
        for shell, home, facts in zip(shells, homes, found, strict=True):
            # Debian's busybox takes its own df before any other.
            hanging = ["tmux"] if shell == "busybox sh" else ["df", "tmux"]
            words = {"df": "df of the home directory", "tmux": "tmux list-sessions"}
            assert facts.complete
            assert facts.hung == tuple(words[name] for name in hanging)
            assert facts.root
            assert facts.kernel
            for name in hanging:
                with pytest.raises(ProcessLookupError):
                    os.kill(int((home / f"{name}.pid").read_text()), 0)
    finally:
        for pid in tmp_path.glob("*/*.pid"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGKILL)


def test_a_process_that_cannot_be_killed_does_not_hold_us(tmp_path: Path) -> None:
    """As in an uninterruptible sleep: whatever is sent to it, it stays, its standard output open."""
    command(tmp_path, "df", f"sleep 600 & echo $! >>{tmp_path}/left; wait")
    try:
        facts = probe("dash", tmp_path, path=f"{tmp_path}:/usr/bin:/bin")
    finally:
        for pid in (tmp_path / "left").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
    assert facts.hung == ("df of /", "df of the home directory")


def test_an_empty_machine(tmp_path: Path) -> None:
    """Nothing but a shell and the simplest programs: no who, no tmux, no chezmoi, no nproc."""
    bare = tmp_path / "bin"
    bare.mkdir()
    need("busybox", "dash")
    for name in ("df", "uname", "date", "sleep", "grep"):
        (bare / name).symlink_to(str(shutil.which("busybox")))
    (bare / "sh").symlink_to(str(shutil.which("dash")))
    script = SCRIPT.read_text().replace(
        "PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "PATH=$PATH"
    )
    done = subprocess.run(
        [str(bare / "sh"), "-s"],
        input=script.encode(),
        capture_output=True,
        env={"PATH": str(bare), "HOME": str(tmp_path / "nowhere")},
        check=False,
        timeout=30,
    )
    facts = parse(done.stdout)
    assert facts.complete
    assert (facts.users, facts.tmux, facts.chezmoi, facts.home) == (None, None, None, None)
    assert facts.root
    assert facts.home_writable is False
