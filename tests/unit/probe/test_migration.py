"""The phases of a migration."""

from __future__ import annotations

import subprocess

from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Migrate, MigrationPhase
from stentor.probe.migration import blocker, current, held, phases, script

NODES = (
    Node("crtr", "cooperator", phase=1, migrated=True),
    Node("drtr", "director", phase=2),
    Node("trtr", "terminator", phase=2, migrated=True),
    Node("prtr", "projector", phase=3, state="down"),
    Node("zrtr", "zerouter", phase=3, state="retired"),
    Node("free", "free"),
)
PHASE = MigrationPhase(title="the GPU node", checks=("command -v chezmoi",))
POLICY = Policy(migrate=Migrate(phases={"2": PHASE}))
FLEET = Fleet("/fleet", {node.alias: node for node in NODES}, {}, None, POLICY)


def test_who_is_where() -> None:
    found = phases(FLEET)
    assert [(p.number, [n.alias for n in p.done], [n.alias for n in p.left]) for p in found] == [
        (1, ["crtr"], []),
        (2, ["trtr"], ["drtr"]),
        (3, [], ["prtr"]),
    ]
    assert (found[1].title, found[1].checks) == ("the GPU node", ("command -v chezmoi",))
    now = current(found)
    assert now is not None and now.number == 2


def test_what_is_in_the_way() -> None:
    found = phases(FLEET)
    assert blocker(found, NODES[1]) == ""
    assert "phase 2 is not done yet: drtr" in blocker(found, NODES[3])
    assert "done already" in blocker(found, NODES[0])
    assert "retired" in blocker(found, NODES[4])
    assert "no phase" in blocker(found, NODES[5])


def test_each_check_runs_whatever_the_others_do() -> None:
    checks = ["true", "echo loud; exit 3", "it is 'broken", "exit 0"]
    done = subprocess.run(["sh", "-c", script(checks)], capture_output=True, text=True)
    assert held(checks, done.stdout) == {"true": 0, "echo loud; exit 3": 3, "it is 'broken": 2, "exit 0": 0}
    assert "loud" in done.stderr
    assert held(checks, "check 0 0\nnoise\n")["exit 0"] is None
