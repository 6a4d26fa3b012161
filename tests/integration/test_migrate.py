"""A node goes through its migration phase."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab

pytestmark = pytest.mark.integration


def test_node_is_done_when_its_checks_pass(
    lab: Lab, environ: dict[str, str], stentor: Callable[..., Any]
) -> None:
    fleet = Path(environ["HOME"]) / "fleet"
    shutil.copytree(lab.fleet_dir, fleet / "ssot")
    shutil.copy(lab.ssh_config, fleet / "ssh_config")
    (fleet / "ssot" / "policy.yaml").write_text(
        "migrate:\n  phases:\n    1: {title: the gateway, checks: [test -e ready]}\n"
    )
    for alias, phase in (("crtr", 1), ("drtr", 2)):
        assert stentor("node", "edit", alias, f"phase={phase}", fleet=fleet).code == 0
    assert stentor("node", "edit", "crtr", "state=migrating", fleet=fleet).code == 0
    assert "phase 1: the gateway  (in progress)" in stentor("migrate", fleet=fleet).stdout
    tried = stentor("migrate", "check", "crtr", fleet=fleet)
    assert (tried.code, "failed (exit code 1): test -e ready" in tried.stdout) == (1, True)
    said = stentor("migrate", "check", "crtr", "--json", fleet=fleet)
    checked, report = [json.loads(line) for line in said.stdout.splitlines()][1:]
    assert (checked["kind"], checked["checks"]) == ("ok", {"test -e ready": 1})
    assert (said.code, report["exit_code"], report["kinds"]) == (1, 1, {"ok": ["crtr"]})
    phases = [json.loads(line) for line in stentor("migrate", "--json", fleet=fleet).stdout.splitlines()][1:]
    assert [phase["current"] for phase in phases] == [True, *[False] * (len(phases) - 1)]
    refused = stentor("migrate", "done", "crtr", fleet=fleet)
    assert (refused.code, "check failed: test -e ready" in refused.stderr) == (6, True)
    early = stentor("migrate", "done", "drtr", fleet=fleet)
    assert (early.code, "phase 1 is not done yet" in early.stderr) == (6, True)
    (lab.home("crtr") / "ready").touch()
    done = stentor("migrate", "done", "crtr", fleet=fleet)
    assert done.code == 0, done.stderr
    records = [
        json.loads(line) for line in stentor("nodes", "--json", "crtr", fleet=fleet).stdout.splitlines()
    ]
    (node,) = [record for record in records if record["type"] == "node"]
    assert (node["state"], node["migrated"]) == ("up", True)
    assert stentor("migrate", "done", "drtr", "--dry-run", fleet=fleet).code == 0
    assert stentor("migrate", "done", "drtr", fleet=fleet).code == 0
    assert "every phase is done" not in stentor("migrate", fleet=fleet).stdout
