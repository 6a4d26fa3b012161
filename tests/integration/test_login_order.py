"""Slow nodes log in first where not all can log in at once, and those that were down last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stentor.api import Fleet
from stentor.lab import Lab
from stentor.ssh import login_queue
from stentor.ssh.child import Child
from stentor.ssh.login_queue import LOGINS_AT_ONE_GATEWAY

pytestmark = pytest.mark.integration


def test_slow_nodes_begin_first_and_those_that_were_down_last(
    make_lab: Callable[..., Lab], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the order in which ssh is started, since a clock says little here."""
    lab = make_lab(LOGINS_AT_ONE_GATEWAY + 3)
    gateway, *behind = lab.nodes
    nodes = lab.fleet_dir / "nodes.yaml"
    names = {f"  {alias}" for alias in behind}
    through = [
        line.replace("}", f", jump: {gateway}}}") if line.partition(":")[0] in names else line
        for line in nodes.read_text().splitlines()
    ]
    nodes.write_text("\n".join(through) + "\n")
    begun: list[str] = []

    class Seen(Child):
        def __init__(self, reactor: Any, argv: Any, *arguments: Any, **options: Any) -> None:
            if argv[:3] == ["ssh", "-f", "-N"]:
                begun.append(argv[-1])
            super().__init__(reactor, argv, *arguments, **options)

    monkeypatch.setattr(login_queue, "Child", Seen)
    fleet = Fleet.open(str(lab.fleet_dir), environ=environ)

    def logins(failing: set[str]) -> list[str]:
        begun.clear()
        for master in fleet.masters():
            fleet.stop_master(master)
        report = fleet.select(",".join(behind)).run("echo hi", connect_timeout=20)
        assert {result.node for result in report if not result.ok} == failing
        return begun.copy()

    down, slow = behind[1], behind[-1]
    lab.break_(down, "refuse")
    lab.break_(slow, "slow-login=5")
    assert sorted(logins({down})) == behind
    lab.heal(down)
    second = logins(set())
    assert sorted(second) == behind
    # In the file it is the last, which is waited for alone when all others have ended.
    assert second.index(slow) < LOGINS_AT_ONE_GATEWAY, "it begins with the first"
    assert second[-1] == down
