"""From the last release to this one, with a change of dotfiles in progress on the nodes: nothing is lost.

The old program is this project's own commit, run from a copy of its sources with today's libraries.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.integration.dotfiles.conftest import FIRST, Dotfiles, kill_at
from tests.support import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

OLD = "de0d9ef1"


class Old:
    """The program of that commit, in the same environment."""

    def __init__(self, sources: Path, environ: dict[str, str]) -> None:
        self.environ = {**environ, "PYTHONPATH": str(sources / "src")}

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "stentor", *words],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def start(self, dotfiles: Dotfiles, nodes: str) -> str:
        """Bring nodes to a first revision; return it. The journal is the old program's, too."""
        first = dotfiles.commit(FIRST)
        where = ["--source", str(dotfiles.clone), "--via", "push"]
        self("dotfiles", "apply", nodes, "--yes", "--overwrite", "existing", *where)
        return first

    def killed_before_the_proof(self, *words: str) -> None:
        kill_at("_prove", self.environ, *words)


@pytest.fixture
def window(lab: Lab) -> Iterator[Callable[[int], None]]:
    """Let nodes wait for so many seconds until a change is confirmed."""
    policy = lab.fleet_dir / "policy.yaml"
    yield lambda seconds: (policy.write_text(f"dotfiles: {{login: 2, window: {seconds}}}\n"), None)[1]
    policy.unlink()


@pytest.fixture
def old(tmp_path: Path, environ: dict[str, str]) -> Old:
    packed = subprocess.run(["git", "archive", OLD, "src"], cwd=ROOT, capture_output=True)
    if packed.returncode:
        pytest.skip(f"this clone has no commit {OLD} (a shallow one?)")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path / "old", filter="data")
    return Old(tmp_path / "old", environ)


def shown(dotfiles: Dotfiles, *which: str) -> dict[str, Any]:
    lines = dotfiles.stentor("show", *which, "--json").stdout.splitlines()
    found: dict[str, Any] = json.loads(lines[1])
    return found


def test_a_change_in_the_middle_is_led_to_its_end_by_the_new_program(
    dotfiles: Dotfiles, old: Old, window: Callable[[int], None]
) -> None:
    window(900)
    where = ["--source", str(dotfiles.clone), "--via", "push"]
    old.environ |= {"STENTOR_FLEET": str(dotfiles.lab.fleet_dir)}
    first = old.start(dotfiles, "crtr,prtr,drtr")
    second = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    old("dotfiles", "apply", "crtr,prtr", "--yes", "--rev", second, *where)
    old("run", "@core", "echo of the old one")
    third = dotfiles.commit({"dot_zshrc": "export GOOD=3\n"})
    old.killed_before_the_proof(
        "dotfiles", "apply", "crtr,drtr", "--canary", "crtr", "--yes", "--rev", third, *where
    )
    pending = dotfiles.lab.home("crtr") / ".local/state/stentor/dotfiles/pending"
    assert pending.exists(), "the node waits to be confirmed"
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=3\n"

    # The new program reads the old journal, asks the node what it decided, and ends the operation.
    history = dotfiles.stentor("history")
    assert history.code == 0, history.stderr
    assert "of the old one" in history.stdout
    assert "dotfiles apply" in history.stdout
    ran = dotfiles.stentor("rerun", "3")
    assert "of the old one" in ran.stdout, ran.stderr
    assert dotfiles.stentor("dotfiles", "revert", "crtr").code == 0
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
    assert not pending.exists()
    dotfiles.stentor("reap")
    assert shown(dotfiles, "4")["state"] not in ("running", "interrupted")
    assert {node["node"]: node["kind"] for node in shown(dotfiles, "4")["nodes"]} == {
        "crtr": "cancelled",
        "drtr": "cancelled",
    }

    # Before the first one of the old program there was no revision.
    refused = dotfiles.stentor("dotfiles", "rollback", "drtr", "--dry-run")
    assert "cannot be read; it was the first change by stentor" in refused.stdout

    # It goes on where it stopped, from what the old program had kept on the nodes.
    done = dotfiles("apply", "crtr,drtr", "--yes", "--again", "--rev", third)
    assert done.code == 0, done.stdout + done.stderr
    assert dotfiles.read("crtr", ".zshrc") == dotfiles.read("drtr", ".zshrc") == "export GOOD=3\n"
    assert dotfiles.clean("crtr")
    assert dotfiles.stentor("dotfiles", "rollback", "crtr", "--yes").code == 0
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"

    # A snapshot of the old program is not read; what does the same is said, and does it.
    refused = dotfiles.stentor("dotfiles", "rollback", "prtr", "--yes")
    assert (
        f"was made by stentor 0.1, whose snapshots cannot be read; before it was {first[:10]}"
        in refused.stdout
    )
    assert "stentor dotfiles apply NODE --rev REVISION" in refused.stderr
    assert dotfiles("apply", "prtr", "--yes", "--rev", first[:10]).code == 0
    assert dotfiles.read("prtr", ".zshrc") == "export GOOD=1\n"

    # Of neither program anything is left on the nodes but the dotfiles.
    removed = dotfiles.stentor("uninstall", "crtr,prtr,drtr", "--yes")
    assert removed.code == 0, removed.stdout + removed.stderr
    for alias in ("crtr", "prtr", "drtr"):
        assert not (dotfiles.lab.home(alias) / ".local/state/stentor").exists(), alias


def test_what_nobody_confirms_is_reverted_by_the_node_after_the_upgrade(
    dotfiles: Dotfiles, old: Old, window: Callable[[int], None]
) -> None:
    window(40)
    old.environ |= {"STENTOR_FLEET": str(dotfiles.lab.fleet_dir)}
    old.start(dotfiles, "crtr,drtr")
    third = dotfiles.commit({"dot_zshrc": "export GOOD=3\n"})
    old.killed_before_the_proof(
        "dotfiles", "apply", "crtr,drtr", "--canary", "crtr", "--yes", "--rev", third,
        "--source", str(dotfiles.clone), "--via", "push",
    )  # fmt: skip
    end = time.monotonic() + 150
    while dotfiles.read("crtr", ".zshrc") != "export GOOD=1\n":
        assert time.monotonic() < end, "the node did not revert the change by itself"
        time.sleep(0.2)
    status = dotfiles("status", "crtr")
    assert "reverted" in status.stdout, status
    unfinished = dotfiles.stentor("rerun", "--unfinished")
    assert "for that one: stentor dotfiles apply crtr,drtr;" in unfinished.stderr
    done = dotfiles("apply", "crtr,drtr", "--yes", "--again")
    assert done.code == 0, done.stdout + done.stderr
    assert dotfiles.read("crtr", ".zshrc") == dotfiles.read("drtr", ".zshrc") == "export GOOD=3\n"
