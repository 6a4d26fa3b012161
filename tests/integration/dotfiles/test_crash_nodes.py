"""The controller is killed, and the node's program over real sshd: the same invariant, and a true journal."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
import time

import pytest

from stentor.dotfiles import program
from stentor.operation.signals import ENDINGS
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.steps import PROOF
from tests.integration.dotfiles.test_crash import BEGIN, killed_text
from tests.integration.dotfiles.test_nodes import sent

pytestmark = pytest.mark.integration

# The command line as it is, but it kills itself with -9 before or after one thing it does.
MORTAL = """
import os, sys
from stentor.cli.main import main
from stentor.dotfiles import change, login
from stentor.operation import node_program
from stentor.fanout.events import Notice

PROOF = sys.argv.pop(1).split(",")
moment, when = sys.argv.pop(1), sys.argv.pop(1)

def die(now):
    if when == now:
        os.kill(os.getpid(), 9)

def mortal(function, meant):
    def wrapped(*words, **named):
        if not meant(words):
            return function(*words, **named)
        die("before")
        found = function(*words, **named)
        die("after")
        return found
    return wrapped

def steps(function):
    def wrapped(*words):
        for notice in function(*words):
            here = notice.name == moment
            if here:
                die("before")
            yield notice
            if here:
                die("after")
    return wrapped

node_program.steps = steps(node_program.steps)
for name in PROOF:
    setattr(login, name, mortal(getattr(login, name), lambda words, name=name: name == moment))
change.visits = mortal(change.visits, lambda words: words[2].verb == moment)
sys.exit(main())
"""
MOMENTS = [*BEGIN, *PROOF, "settle"]
NEW = {"dot_zshrc": "export GOOD=2\n", "dot_fresh": "new\n", "dot_config/who.tmpl": "{{ .stentor.alias }}\n"}


def settle_and_check(dotfiles: Dotfiles, before: object, rev: str) -> None:
    """Whatever was left: the next contact ends it, and the node is wholly on one side."""
    dotfiles.lab.reboot("crtr")
    said = dotfiles("apply", "crtr", "--yes", timeout=90)
    for _ in range(30):  # what asks the node after a kill may have it for a moment
        if "wait for the other operation to end" not in said.stderr:
            break
        time.sleep(0.5)
        said = dotfiles("apply", "crtr", "--yes", timeout=90)
    after_contact = dotfiles.manifest("crtr")
    if said.code == 0:
        assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
        assert rev in dotfiles.read("crtr", ".local/state/stentor/dotfiles/applied")
    else:
        assert said.code == 6, said
        assert after_contact == before
    assert dotfiles.clean("crtr")


def applying(
    dotfiles: Dotfiles, *words: str, program: tuple[str, ...] = ("-m", "stentor")
) -> subprocess.Popen[str]:
    command = [sys.executable, *program, "dotfiles", "apply", *(words or ("crtr",)), "--yes", "--via", "push"]
    return subprocess.Popen(
        [*command, "--source", str(dotfiles.clone)],
        env=dotfiles.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def latest_apply(dotfiles: Dotfiles) -> dict[str, object]:
    """What the journal says of the latest apply."""
    rows = [json.loads(line) for line in dotfiles.stentor("history", "--json").stdout.splitlines()]
    found: dict[str, object] = next(row for row in rows if row.get("subcommand") == "dotfiles apply")
    return found


def came_of(dotfiles: Dotfiles) -> dict[str, tuple[str, str]]:
    """Each node's kind and reason, as the journal has them of the last operation."""
    record = json.loads(dotfiles.stentor("show", "@last", "--json").stdout.splitlines()[1])
    return {node["node"]: (node["kind"], node["reason"]) for node in record["nodes"]}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_controller_is_killed_around_a_step(dotfiles: Dotfiles, moment: str, when: str) -> None:
    dotfiles.start("crtr")
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    process = applying(dotfiles, program=("-c", MORTAL, ",".join(PROOF), moment, when))
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, said
    assert latest_apply(dotfiles)["state"] == "interrupted"
    settle_and_check(dotfiles, before, rev)


@pytest.mark.parametrize("seed", range(4))
def test_the_controller_is_killed_at_any_moment(dotfiles: Dotfiles, seed: int) -> None:
    dotfiles.start("crtr")
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    process = applying(dotfiles)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(random.Random(seed).uniform(0.1, 2.5))
    process.kill()
    process.communicate()
    settle_and_check(dotfiles, before, rev)


@pytest.mark.parametrize("number", [signal.Signals(one) for one in ENDINGS], ids=lambda number: number.name)
def test_a_signal_while_a_node_is_written_to_reverts_it_at_once(
    dotfiles: Dotfiles, number: signal.Signals
) -> None:
    dotfiles.start("crtr", "drtr")
    rev = dotfiles.commit({**NEW, "run_wait.sh": "#!/bin/sh\n: >~/.waits\nsleep 60\n"})
    before = dotfiles.manifest("crtr")
    process = applying(dotfiles, "crtr,drtr", "--canary", "crtr")
    waits = dotfiles.lab.home("crtr") / ".waits"
    deadline = time.monotonic() + 60
    while not waits.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=40)
    assert process.returncode == 130, said
    rest = f"stentor dotfiles apply crtr,drtr --rev {rev} --source {dotfiles.clone} --via push --again"
    assert f"not finished: crtr,drtr; to finish these 2 nodes: {rest}\n" in said
    assert not (dotfiles.lab.home("crtr") / ".local/state/stentor/dotfiles/pending").exists()
    waits.unlink()  # the effects of a script cannot be reverted
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")
    assert latest_apply(dotfiles)["exit_code"] == 130
    assert came_of(dotfiles) == {
        "crtr": ("cancelled", f"reverted after {ENDINGS[number]}"),
        "drtr": ("cancelled", f"not begun: {ENDINGS[number]}"),
    }


@pytest.mark.parametrize("number", [signal.Signals(one) for one in ENDINGS], ids=lambda number: number.name)
def test_a_signal_while_new_logins_prove_a_change_tells_what_came_of_it(
    dotfiles: Dotfiles, number: signal.Signals
) -> None:
    """A login may be quicker than the signal; then the change stays, and the outcome says so."""
    dotfiles.start("crtr")
    dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    process = applying(dotfiles)
    assert process.stderr is not None
    said = ""
    while "crtr: applied" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(number)
    said += process.communicate(timeout=40)[1]
    kind, reason = came_of(dotfiles)["crtr"]
    stays = kind == "ok"
    assert process.returncode == (0 if stays else 130), said
    if not stays:
        assert (kind, reason) == ("cancelled", f"reverted after {ENDINGS[number]}"), said
        assert "not finished: crtr" in said
    assert stays == (dotfiles.read("crtr", ".zshrc") == NEW["dot_zshrc"])
    assert stays or dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")


@pytest.mark.parametrize("step", BEGIN)
def test_the_nodes_program_is_killed_over_ssh(dotfiles: Dotfiles, step: str) -> None:
    dotfiles.start("crtr")
    rev = dotfiles.commit(NEW)
    before = dotfiles.manifest("crtr")
    text = killed_text(sent(dotfiles, "crtr", rev), step)
    (dotfiles.lab.home("crtr") / "program").write_text(text)
    command = program.command("begin", op="crash", rev=rev, token="t")
    said = dotfiles.lab.run("crtr", f"{command} <~/program; rm ~/program")
    assert f"step {step}" in said.stdout
    assert "end 0" not in said.stdout
    settle_and_check(dotfiles, before, rev)
