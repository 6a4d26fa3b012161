"""A node goes down in the middle of a change, in order and by a power cut, at every step.

When it is up again it is wholly on the new revision and confirmed, or byte for byte as before with
chezmoi's status clean; it can be logged into; nothing is locked; and what it has noted is true.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.steps import BEGIN, CONFIRM, UNDO
from tests.integration.dotfiles.test_nodes import sent
from tests.integration.full.conftest import FullDotfiles, freezing, power_cut, reboot, until

pytestmark = pytest.mark.integration

NEW = {
    "dot_bashrc": "exit 7\n",
    "dot_zshrc": "exit 7\n",
    "dot_config/fresh": "new\n",
    ".chezmoi.toml.tmpl": "[data]\n  new = true\n",
}
WAYS = {"reboot": reboot, "power cut": power_cut}
BEFORE = BEGIN[: BEGIN.index("published")]  # nobody but us knows of it yet
KINDS = ("crtr", "prtr", "drtr", "trtr", "zrtr")


@pytest.mark.timeout(600)  # five nodes boot four times, side by side
@pytest.mark.parametrize("way", WAYS)
def test_at_every_step(dotfiles: FullDotfiles, way: str) -> None:
    """The nodes share the steps: each goes down at some of the change, and at some of the revert."""
    dotfiles.start()
    rev = dotfiles.commit(NEW)
    before = {alias: dotfiles.manifest(alias) for alias in KINDS}
    text = {alias: sent(dotfiles, alias, rev) for alias in KINDS}

    def through(alias: str, steps: Sequence[tuple[str, bool]]) -> None:
        for number, (step, back) in enumerate(steps):
            op = f"op{number}"
            # What goes back by itself begins to do so a second after it was applied.
            options = {"again": "yes", "reinit": "yes", "window": "1" if back else "60"}
            dotfiles.frozen(alias, rev, op, step, text[alias], **options)
            WAYS[way](dotfiles.lab, alias)
            if alias == "drtr":
                # Nobody runs for its user before this; and then the login finds everything as it was.
                seen = dotfiles.lab.run(alias, "cat .bashrc; ls .config/fresh")
                assert seen.stdout == "export GOOD=1\n", (alias, step, seen)
            until(lambda: not dotfiles.pending(alias), 30, f"{alias} ended what stood still at {step}")
            until(lambda: dotfiles.manifest(alias) == before[alias], 60, f"{alias} is as before {step}")
            assert dotfiles.lab.run(alias, "echo in", options=("-tt",)).stdout.strip() == "in", (alias, step)
            assert dotfiles.unlocked(alias), (alias, step)
            if back or step not in BEFORE:
                assert dotfiles.history(alias, op) == "reverted", (alias, step)
                why = "nobody confirmed it in time" if back else "the node went down before"
                assert why in dotfiles.reason(alias, op), (alias, step, dotfiles.reason(alias, op))
                assert dotfiles.clean(alias), (alias, step)

    all_steps = [*((step, False) for step in BEGIN), *((step, True) for step in UNDO)]
    with ThreadPoolExecutor(len(KINDS)) as pool:
        list(pool.map(through, KINDS, [all_steps[turn :: len(KINDS)] for turn in range(len(KINDS))]))
    for alias in KINDS:
        said = dotfiles("apply", alias, "--yes")
        assert (said.code, "reverted here before" in said.stdout + said.stderr) == (6, True), said
        assert dotfiles.clean(alias)


HOLDS = [(way, step) for way in WAYS for step in CONFIRM]


@pytest.mark.timeout(600)
def test_what_is_confirmed_stays(dotfiles: FullDotfiles) -> None:
    """A node goes down at each step behind the confirmation: another step on each node."""
    dotfiles.start()
    revs = [
        dotfiles.commit({"dot_bashrc": f"export GOOD={number}\n", "dot_config/fresh": "new\n"})
        for number in (2, 3)
    ]

    def through(alias: str, turns: Sequence[tuple[str, str]]) -> None:
        for number, (way, step) in enumerate(turns):
            hold(alias, f"op{number}", revs[number], way, step)
            shown = dotfiles.lab.run(alias, "cat .bashrc .config/fresh").stdout
            assert shown == f"export GOOD={number + 2}\nnew\n", (alias, way, step)

    def hold(alias: str, op: str, rev: str, way: str, step: str) -> None:
        text = freezing(sent(dotfiles, alias, rev), step)
        assert f"begun {op}" in dotfiles.begin(alias, rev, op, text).stdout, alias
        frozen = Path(f"/proc/{dotfiles.lab.backend.first_process(alias)}/root/tmp/frozen")
        frozen.with_name("freeze").touch()
        confirm = partial(dotfiles.lab.run, alias, program.kept("confirm", op=op, token="t"))
        ending = threading.Thread(target=confirm)
        ending.start()
        until(frozen.exists, 60, f"{alias} reached {step}")
        WAYS[way](dotfiles.lab, alias)
        ending.join()
        said = dotfiles("status", alias, "--json")  # whoever comes next finds it ended
        assert said.code == 0, said
        dotfiles("apply", alias, "--yes", "--rev", rev)
        assert not dotfiles.pending(alias), (alias, way, step)
        assert dotfiles.history(alias, op) == "confirmed", (alias, way, step)
        assert dotfiles.clean(alias), (alias, way, step)
        assert dotfiles.unlocked(alias), (alias, way, step)

    with ThreadPoolExecutor(len(KINDS)) as pool:
        list(pool.map(through, KINDS, [HOLDS[turn :: len(KINDS)] for turn in range(len(KINDS))]))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", WAYS)
def test_the_journal_of_an_apply_whose_node_went_down(dotfiles: FullDotfiles, way: str) -> None:
    dotfiles.start()
    before = dotfiles.manifest("crtr")
    waits = "#!/bin/sh\n: >/tmp/frozen\nwhile [ -e /tmp/freeze ]; do sleep 0.2; done\n"
    dotfiles.commit({"dot_bashrc": "export GOOD=2\n", "run_wait.sh": waits})
    frozen = Path(f"/proc/{dotfiles.lab.backend.first_process('crtr')}/root/tmp/frozen")
    frozen.with_name("freeze").touch()
    with ThreadPoolExecutor(1) as pool:
        applying = pool.submit(dotfiles, "apply", "crtr", "--yes")
        until(frozen.exists, 60, "the script runs")
        WAYS[way](dotfiles.lab, "crtr")
        said = applying.result()
    assert "reverts the change by itself" in said.stderr, said
    shown = dotfiles.stentor("show", "@last", "--json")
    record, *steps = [json.loads(line) for line in shown.stdout.splitlines()][1:]
    assert (said.code, record["exit_code"], record["state"]) == (1, 1, "done")
    assert [(node["node"], node["kind"]) for node in record["nodes"]] == [("crtr", "lost")]
    assert steps[-1]["text"] == "snapshot written"
    until(lambda: not dotfiles.pending("crtr"), 30, "the node took it back by itself")
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")
    again = dotfiles("apply", "crtr", "--yes")
    assert (again.code, "reverted here before" in again.stdout + again.stderr) == (6, True), again
