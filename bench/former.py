"""A build of stentor from before start-up was made short, from the history, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from bench import masters, peers
from bench.measure import Program, alternate, once, say
from bench.sections import World, ratio
from bench.table import Row

COMMIT = "de0d9ef"
NAME = f"stentor of {COMMIT}"
VENV = os.path.join(os.path.dirname(peers.VENV), f"bench-{COMMIT}")
AIM = 0.8


def install(root: str, venv: str = VENV) -> str:
    """Build it, if it is not there yet.

    Args:
        root: of the checkout with the history.
        venv: where it is installed.

    Returns:
        Why it cannot be compared with; empty if it can.
    """
    if os.path.exists(f"{venv}/installed"):
        return ""
    if not shutil.which("git"):
        return "git is not installed"
    with tempfile.TemporaryDirectory(prefix="sb-") as source:
        packed = f"{source}.tar"
        try:
            # A copy in somebody else's repository has a history, but not this one.
            git = ["git", "-c", "safe.directory=*", "-C", root, "archive", f"--output={packed}", COMMIT]
            done = subprocess.run(git, capture_output=True, text=True, check=False)
            if done.returncode:
                return f"the history here does not have it ({_last(done.stderr)})"
            subprocess.run(["tar", "-xf", packed, "-C", source], check=True)
        finally:
            if os.path.exists(packed):
                os.unlink(packed)
        say(f"installing {NAME} to compare with")
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [f"{venv}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        return _last(done.stderr)
    with open(f"{venv}/installed", "w"):
        return ""


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["it said nothing"])[-1]


def warm(world: World, count: int) -> Iterator[Row]:
    """Both over warm masters, each with its own."""
    if NAME in world.absent:
        return
    ours = world.run(count)
    own = {variable: f"{world.folder}/f{letter}" for variable, letter in _OWN.items()}
    for folder in own.values():
        os.makedirs(folder, mode=0o700, exist_ok=True)
    theirs = Program(NAME, [f"{VENV}/bin/stentor", *ours.argv[1:]], own, count)
    try:
        world.log_in(count)
        once(theirs, world.folder)  # logs in
        a, b = alternate([ours, theirs], max(world.rounds * 3, 9), world.folder)
        yield ratio(f"{count} nodes warm: wall time / {NAME}", a.wall, b.wall, AIM, False)
        yield ratio(f"{count} nodes warm: CPU / {NAME}", a.cpu, b.cpu, None, False)
    finally:
        masters.end(own["XDG_RUNTIME_DIR"])
        masters.end(os.environ["XDG_RUNTIME_DIR"])


# What it keeps has another form.
_OWN = {"XDG_RUNTIME_DIR": "r", "XDG_CACHE_HOME": "c", "XDG_STATE_HOME": "s"}
