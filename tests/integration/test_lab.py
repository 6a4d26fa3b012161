"""The practice fleet itself: it comes up, is what it says, and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stentor import lab as labs

pytestmark = pytest.mark.integration


def test_five_nodes_are_machines_of_their_own(lab: labs.Lab) -> None:
    seen = {
        alias: lab.run(alias, "uname -n; id -un; pwd; cat /proc/sys/kernel/random/boot_id")
        for alias in lab.nodes
    }
    assert {ran.code for ran in seen.values()} == {0}, seen
    rows = {alias: ran.stdout.split() for alias, ran in seen.items()}
    assert {alias: row[:3] for alias, row in rows.items()} == {
        alias: [alias, alias, f"/home/{alias}"] for alias in ("crtr", "prtr", "drtr", "trtr", "zrtr")
    }
    assert len({row[3] for row in rows.values()}) == 5


def test_a_test_may_leave_a_mess(lab: labs.Lab) -> None:
    assert lab.run("crtr", "touch ~/mess; rm ~/.profile; (setsid sleep 1000 >/dev/null 2>&1 &)").code == 0
    assert (lab.home("crtr") / "mess").exists()


def test_and_the_next_finds_the_nodes_as_new(lab: labs.Lab) -> None:
    assert not (lab.home("crtr") / "mess").exists()
    assert (lab.home("crtr") / ".profile").exists()
    assert "sleep" not in lab.run("crtr", "ps ax").stdout


def test_the_life_of_a_lab(stentor: Callable[..., Any], environ: dict[str, str]) -> None:
    up = stentor("lab", "up")
    assert up.code == 0, up.stderr
    assert up.stdout == f"export STENTOR_FLEET={environ['XDG_STATE_HOME']}/stentor/lab/ssot\n"
    said = stentor("lab", "status", "--json")
    header, *nodes = [json.loads(line) for line in said.stdout.splitlines()]
    assert header["type"] == "lab"
    assert {node["alias"]: node["state"] for node in nodes} == {
        "crtr": "up",
        "prtr": "down",
        "drtr": "up",
        "trtr": "up",
        "zrtr": "down",
    }
    assert stentor("lab", "down").code == 0
    gone = stentor("lab", "status")
    assert gone.code == 6
    assert "there is no lab here" in gone.stderr
