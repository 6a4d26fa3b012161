"""A node goes down in the middle of a change, in order and by a power cut, at every step.

When it is up again it is wholly on the new revision and confirmed, or byte for byte as before with
chezmoi's status clean; it can be logged into; nothing is locked; and what it has noted is true.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from stentor.dotfiles import program
from stentor.lab import full
from tests.integration.dotfiles.test_nodes import sent
from tests.integration.full.conftest import FullDotfiles, freezing, power_cut, reboot, until

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("full nodes: reboots")]

NEW = {"dot_bashrc": "exit 7\n", "dot_zshrc": "exit 7\n", "dot_config/fresh": "new\n"}
WAYS = {"reboot": reboot, "power cut": power_cut}
BEFORE = ("snapshotted", "armed", "boot-armed")  # nothing is published: nobody but us knows of it
AFTER = ("published", "performed", "waiting")
BACK = ("rolling", "undo-files", "undone")
STEPS = [
    ("power cut", BEFORE),
    ("power cut", AFTER),
    ("power cut", BACK),
    ("reboot", ("armed", "performed", "waiting", "undo-files")),
]
KINDS = ("crtr", "prtr", "drtr", "trtr", "zrtr")


@pytest.mark.timeout(600)  # five nodes boot four times, side by side
@pytest.mark.parametrize(("way", "steps"), STEPS, ids=[f"{way} {steps[0]}" for way, steps in STEPS])
def test_at_every_step(dotfiles: FullDotfiles, way: str, steps: tuple[str, ...]) -> None:
    """The nodes go through the steps side by side."""
    dotfiles.start()
    rev = dotfiles.commit(NEW)
    before = {alias: dotfiles.manifest(alias) for alias in KINDS}
    text = {alias: sent(dotfiles, alias, rev) for alias in KINDS}

    def through(alias: str) -> None:
        for number, step in enumerate(steps):
            op = f"op{number}"
            # What goes back by itself begins to do so a second after it was applied.
            window = "1" if step in BACK else "60"
            dotfiles.frozen(alias, rev, op, step, text[alias], again="yes", window=window)
            WAYS[way](dotfiles.lab, alias)
            if alias == "drtr":
                # Nobody runs for its user before this; and then the login finds everything as it was.
                seen = dotfiles.lab.run(alias, "cat .bashrc; ls .config/fresh")
                assert seen.stdout == "export GOOD=1\n", (alias, step, seen)
            until(lambda: not dotfiles.pending(alias), 30, f"{alias} ended what stood still at {step}")
            until(lambda: dotfiles.manifest(alias) == before[alias], 10, f"{alias} is as before {step}")
            assert dotfiles.lab.run(alias, "echo in", options=("-tt",)).stdout.strip() == "in", (alias, step)
            assert dotfiles.unlocked(alias), (alias, step)
            if step not in BEFORE:
                assert dotfiles.history(alias, op) == "reverted", (alias, step)
                why = "nobody confirmed it in time" if step in BACK else "the node went down before"
                assert why in dotfiles.reason(alias, op), (alias, step, dotfiles.reason(alias, op))
            assert dotfiles.clean(alias) or step in BEFORE, (alias, step)

    with ThreadPoolExecutor(len(KINDS)) as pool:
        list(pool.map(through, KINDS))
    if steps == BEFORE:
        return  # what was never published was never tried, and may be tried again
    for alias in KINDS:
        said = dotfiles("apply", alias, "--yes")
        assert (said.code, "undone here before" in said.stdout + said.stderr) == (6, True), said
        assert dotfiles.clean(alias)


HOLDS = ("confirmed", "concluding", "concluded", "confirmed", "concluding")


@pytest.mark.timeout(300)
def test_what_is_confirmed_stays(dotfiles: FullDotfiles) -> None:
    """A power cut at each step behind the confirmation: another step on each node."""
    dotfiles.start()
    rev = dotfiles.commit({"dot_bashrc": "export GOOD=2\n", "dot_config/fresh": "new\n"})

    def through(alias: str, step: str) -> None:
        text = freezing(sent(dotfiles, alias, rev), step)
        assert "begun op" in dotfiles.begin(alias, rev, "op", text).stdout, alias
        frozen = Path(f"/proc/{full.first_process(dotfiles.lab, alias)}/root/tmp/frozen")
        frozen.with_name("freeze").touch()
        last: Callable[[], object] = partial(
            dotfiles.lab.run, alias, program.typed("confirm", op="op", token="t")
        )
        if step != "confirmed":
            last()
            last = partial(dotfiles.send, alias, "settle", text, op="op")
        ending = threading.Thread(target=last)
        ending.start()
        until(frozen.exists, 30, f"{alias} reached {step}")
        power_cut(dotfiles.lab, alias)
        ending.join()
        said = dotfiles("status", alias, "--json")  # whoever comes next finds it ended
        assert said.code == 0, said
        dotfiles("apply", alias, "--yes")
        assert not dotfiles.pending(alias), (alias, step)
        assert dotfiles.history(alias, "op") == "confirmed", (alias, step)
        assert dotfiles.lab.run(alias, "cat .bashrc .config/fresh").stdout == "export GOOD=2\nnew\n"
        assert dotfiles.clean(alias), (alias, step)
        assert dotfiles.unlocked(alias), (alias, step)

    with ThreadPoolExecutor(len(KINDS)) as pool:
        list(pool.map(through, KINDS, HOLDS))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", WAYS)
def test_the_journal_of_an_apply_whose_node_went_down(dotfiles: FullDotfiles, way: str) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    waits = "#!/bin/sh\n: >/tmp/frozen\nwhile [ -e /tmp/freeze ]; do sleep 0.2; done\n"
    dotfiles.commit({"dot_bashrc": "export GOOD=2\n", "run_wait.sh": waits})
    frozen = Path(f"/proc/{full.first_process(dotfiles.lab, 'crtr')}/root/tmp/frozen")
    frozen.with_name("freeze").touch()
    with ThreadPoolExecutor(1) as pool:
        applying = pool.submit(dotfiles, "apply", "crtr", "--yes")
        until(frozen.exists, 60, "the script runs")
        WAYS[way](dotfiles.lab, "crtr")
        said = applying.result()
    assert "takes the change back by itself" in said.stderr, said
    shown = dotfiles.stentor("show", "@last", "--json")
    record, *steps = [json.loads(line) for line in shown.stdout.splitlines()][1:]
    assert (said.code, record["exit_code"], record["state"]) == (1, 1, "done")
    assert [(node["node"], node["kind"]) for node in record["nodes"]] == [("crtr", "lost")]
    assert steps[-1]["text"] == "deadline armed"
    until(lambda: not dotfiles.pending("crtr"), 30, "the node took it back by itself")
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")
    again = dotfiles("apply", "crtr", "--yes")
    assert (again.code, "undone here before" in again.stdout + again.stderr) == (6, True), again
