"""A node's link is cut, or its power, at every step of a change: one node stands at each step, all at once.

Afterwards each is wholly on the new revision and confirmed, or byte for byte as before with chezmoi's
status clean; it can be logged into; nothing is locked; and the journal tells the truth.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stentor import lab as labs
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.practice import Manifest
from tests.integration.dotfiles.steps import ADOPT, BEGIN, CONFIRM, PLAIN, PROOF, UNDO

pytestmark = pytest.mark.integration

# The command line as it is, but each node stands still at the step which its file "stand" names.
STANDING = """
import pathlib, sys, time
from stentor.cli.main import main
from stentor.dotfiles import change, login, program

folder, plain, bad, proof = pathlib.Path(sys.argv.pop(1)), *(sys.argv.pop(1) for _ in range(3))
still = (
    'step() { say "step $1"; [ "$1" != "$(cat "$S/../stand" 2>/dev/null)" ] || { true >"$S/../stood"; '
    'while [ -e "$S/../stand" ]; do sleep 0.2; done; }; }'
)
as_it_is = program.node_program
program.node_program = lambda *verb: as_it_is(*verb).replace(plain, still)

def standing(function, name):
    def wrapped(reach, node, *words):
        place = folder / node.alias / "home" / ".local/state/stentor"
        if (place / "stand").exists() and (place / "stand").read_text() == name:
            (place / "stood").touch()
            while (place / "stand").exists():
                time.sleep(0.1)
        return function(reach, node, *words)
    return wrapped

for name in proof.split(","):
    setattr(login, name, standing(getattr(login, name), name))
if bad:
    change.prove = lambda *words: login.Proof(("made to fail",))
sys.exit(main())
"""


class Group(NamedTuple):
    """Nodes that are changed by one controller, and may stand at the same time."""

    name: str
    steps: tuple[str, ...]
    bad: bool = False  # whether no login proves the change


# A controller reverts when all nodes of a wave have been proved, so there is one for each stage.
GROUPS = (
    Group("begin", BEGIN),
    Group("prove", (*PROOF, *CONFIRM)),
    Group("undo", UNDO, bad=True),
    Group("adopt", ADOPT),
)
COUNT = sum(len(group.steps) for group in GROUPS)
NODES = [f"node{number:03d}" for number in range(1, COUNT + 1)]
AT = dict(zip(NODES, [(group.name, step) for group in GROUPS for step in group.steps], strict=True))
NEW = {
    "dot_zshrc": "export GOOD=2\n",
    "dot_bashrc": "export GOOD=2\n",
    "dot_config/fresh": "new\n",
    ".chezmoi.toml.tmpl": "[data]\n  new = true\n",
}
SHELLS = ("zsh", "bash", "dash")
CLEAN = (
    "cd ~/.local/state/stentor/dotfiles && ! ls -d pending 2>/dev/null && flock -n lock true && "
    "~/.local/bin/chezmoi status --override-data-file facts.json --no-tty"
)
PATIENCE = "Host *\n  ServerAliveInterval 2\n  ServerAliveCountMax 5\n"


@pytest.fixture(scope="module")
def row(playground: Path) -> Iterator[labs.Lab]:
    """A node for each step."""
    shells = [f"{alias}={SHELLS[number % 3]}" for number, alias in enumerate(NODES)]
    lab = labs.up(playground / "row", nodes=COUNT, shells=shells)
    config = lab.ssh_config.read_text()
    lab.ssh_config.write_text(PATIENCE + config)  # a lost link is found in ten seconds, not in a minute
    policy = lab.fleet_dir / "policy.yaml"
    policy.write_text("dotfiles: {login: 10s}\nrollout: {at_once: 1000}\n")
    try:
        yield lab
    finally:
        lab.down()


@pytest.fixture
def lab(row: labs.Lab) -> Iterator[labs.Lab]:
    """In place of the usual five."""
    yield row
    row.reset()


def state(dotfiles: Dotfiles, alias: str, name: str) -> Path:
    return dotfiles.lab.home(alias) / ".local/state/stentor" / name


def members(group: Group) -> list[str]:
    return [alias for alias, (name, _) in AT.items() if name == group.name]


def begin(dotfiles: Dotfiles, group: Group, rev: str) -> subprocess.Popen[str]:
    """Bring a group to the revision, in one wave."""
    nodes = ",".join(members(group))
    words = ["apply", nodes, "--canary", nodes, "--yes", "--json", "--rev", rev, "-t", "3", "--reinit"]
    return subprocess.Popen(
        [
            sys.executable, "-c", STANDING, str(dotfiles.lab.directory / "nodes"), PLAIN,
            "bad" if group.bad else "", ",".join(PROOF), "dotfiles", *words,
            "--source", str(dotfiles.clone), "--via", "push",
        ],
        env=dotfiles.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def until(holds: Callable[[], Any], seconds: float, what: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what()}"
        time.sleep(0.1)


def undecided(dotfiles: Dotfiles) -> list[tuple[str, str]]:
    """At which steps the nodes stood whose files may yet change; the clean-up is the next contact's."""
    pending = {alias: state(dotfiles, alias, "dotfiles/pending") for alias in NODES}
    decided = ("confirmed", "undone")
    return [
        AT[alias]
        for alias, change in pending.items()
        if change.exists() and not any((change / name).exists() for name in decided)
    ]


def outcomes(dotfiles: Dotfiles) -> dict[str, str]:
    """What the journal says of each node."""
    found: dict[str, str] = {}
    for line in dotfiles.stentor("history", "-n", str(len(GROUPS)), "--json").stdout.splitlines():
        row = json.loads(line)
        if row.get("subcommand") == "dotfiles apply":
            assert row["state"] == "done", row
            shown = dotfiles.stentor("show", str(row["id"]), "--json").stdout.splitlines()
            found |= {node["node"]: node["kind"] for node in json.loads(shown[1])["nodes"]}
    return found


def assert_whole(
    dotfiles: Dotfiles, before: dict[str, Manifest], revs: dict[str, str], told: dict[str, str]
) -> None:
    """Each node is on one side, and neither itself nor the journal says otherwise."""
    lines = dotfiles.stentor("run", "--json", "-t", "20", "@all", CLEAN, timeout=100).stdout.splitlines()
    said = [line for line in map(json.loads, lines) if line["type"] in ("finished", "output")]
    bad = [
        (*AT[line["node"]], line.get("reason") or line.get("text"))
        for line in said
        if line.get("kind") != "ok"
    ]
    assert not bad
    for alias in NODES:
        group, step = AT[alias]
        applied = state(dotfiles, alias, "dotfiles/applied").read_text().split()[0]
        where = (alias, group, step, told[alias])
        if applied == revs[group]:
            assert group == "adopt" or (group == "prove" and step in CONFIRM), where
            assert told[alias] in ("ok", "lost"), where
            assert dotfiles.read(alias, ".zshrc") == f"export GOOD={1 if group == 'adopt' else 2}\n", where
        else:
            assert group != "adopt" and not (group == "prove" and step in CONFIRM), where
            assert told[alias] in ("lost", "failed"), where
            assert dotfiles.manifest(alias) == before[alias], where


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", ["link-cut", "power-cut"])
def test_at_every_step(dotfiles: Dotfiles, fault: str) -> None:
    dotfiles.start()
    same = dotfiles.commit({"README.md": "nothing that a node would see\n"})
    rev = dotfiles.commit(NEW)
    before = {alias: dotfiles.manifest(alias) for alias in NODES}
    for alias, (_, step) in AT.items():
        state(dotfiles, alias, "stand").write_text(step)
    revs = {group.name: same if group.name == "adopt" else rev for group in GROUPS}
    running = [begin(dotfiles, group, revs[group.name]) for group in GROUPS]
    try:
        until(
            lambda: all(state(dotfiles, alias, "stood").exists() for alias in NODES),
            90,
            lambda: str([AT[alias] for alias in NODES if not state(dotfiles, alias, "stood").exists()]),
        )
        for alias in NODES:
            dotfiles.lab.break_(alias, fault)
        for alias in NODES:
            state(dotfiles, alias, "stand").unlink()
            state(dotfiles, alias, "stood").unlink()
        said = [process.communicate(timeout=150) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    told = outcomes(dotfiles)
    assert told.keys() == set(NODES), said
    dotfiles.lab.heal()
    if fault == "link-cut":
        until(lambda: not undecided(dotfiles), 100, lambda: f"by itself: {undecided(dotfiles)}")
    # Whoever comes next ends what the power cut left, and cleans up behind what was confirmed.
    assert dotfiles("apply", "@all", "--rev", rev, "--yes", "-t", "20").code == 6
    assert_whole(dotfiles, before, revs, told)
