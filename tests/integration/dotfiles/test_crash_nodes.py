"""The controller is killed, and the node's program over real sshd: the same invariant, and a true journal."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.test_crash import BEGIN, killed_text
from tests.integration.dotfiles.test_nodes import sent

pytestmark = pytest.mark.integration

SIGNS = ["has the revision", "snapshot written", "deadline armed", "applied", "a new login confirmed it"]
NEW = {"dot_zshrc": "export GOOD=2\n", "dot_fresh": "new\n", "dot_config/who.tmpl": "{{ .stentor.alias }}\n"}


def settle_and_check(dotfiles: Dotfiles, before: object, rev: str) -> None:
    """Whatever was left: the next contact ends it, and the node is wholly on one side."""
    dotfiles.lab.reboot("crtr")
    said = dotfiles("apply", "crtr", "--yes", timeout=90)
    after_contact = dotfiles.manifest("crtr")
    if said.code == 0:
        assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
        assert rev in dotfiles.read("crtr", ".local/state/stentor/dotfiles/applied")
    else:
        assert said.code == 6, said
        assert after_contact == before
    assert dotfiles.clean("crtr")


def apply_crtr(dotfiles: Dotfiles, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "stentor", "dotfiles", "apply", "crtr", "--yes", "--via", "push"]
    return subprocess.Popen(
        [*command, "--source", str(dotfiles.clone), *words],
        env=dotfiles.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_when(dotfiles: Dotfiles, sign: str | None, after: float) -> None:
    """Start an apply and kill it when it has said something, or after some time."""
    process = apply_crtr(dotfiles)
    assert process.stderr is not None
    if sign is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after)
    else:
        for line in process.stderr:
            if sign in line:
                break
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.stderr.close()
    process.wait()


@pytest.mark.parametrize("sign", SIGNS)
def test_the_controller_is_killed_at_a_step(dotfiles: Dotfiles, sign: str) -> None:
    dotfiles.start()
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    kill_when(dotfiles, sign, 0)
    rows = [json.loads(line) for line in dotfiles.stentor("history", "--json").stdout.splitlines()]
    latest = next(row for row in rows if row.get("kind") == "dotfiles apply")
    assert latest["state"] == "interrupted"
    settle_and_check(dotfiles, before, rev)


@pytest.mark.parametrize("seed", range(4))
def test_the_controller_is_killed_at_any_moment(dotfiles: Dotfiles, seed: int) -> None:
    dotfiles.start()
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    kill_when(dotfiles, None, random.Random(seed).uniform(0.1, 2.5))
    settle_and_check(dotfiles, before, rev)


@pytest.mark.parametrize("step", BEGIN)
def test_the_nodes_program_is_killed_over_ssh(dotfiles: Dotfiles, step: str) -> None:
    dotfiles.start()
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    text = killed_text(sent(dotfiles, "crtr", rev), step)
    (dotfiles.lab.home("crtr") / "program").write_text(text)
    command = program.command("begin", op="crash", rev=rev, token="t")
    said = dotfiles.lab.run("crtr", f"{command} <~/program; rm ~/program")
    assert f"step {step}" in said.stdout
    assert "end 0" not in said.stdout
    settle_and_check(dotfiles, before, rev)


def test_a_node_that_is_cut_off_in_the_middle(dotfiles: Dotfiles) -> None:
    """Its link goes while the change waits: it undoes it alone, and catches up when it is back."""
    policy = dotfiles.lab.fleet_dir / "policy.yaml"
    policy.write_text("dotfiles: {login: 1s, window: 3s}\n")
    dotfiles.start()
    dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    process = apply_crtr(dotfiles, "-t", "1")
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "deadline armed" in line:
                break
        dotfiles.lab.break_("crtr", "link-cut")
        deadline = time.monotonic() + 60
        while dotfiles.manifest("crtr") != before and time.monotonic() < deadline:
            time.sleep(0.2)
        assert dotfiles.manifest("crtr") == before
        process.communicate(timeout=100)
        assert process.returncode != 0
        dotfiles.lab.heal("crtr")
        assert dotfiles.clean("crtr")
    finally:
        policy.unlink()
        process.kill()
        process.wait()
