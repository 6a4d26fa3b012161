"""What nodes lack, and the report that says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.render import json_schema

pytestmark = pytest.mark.integration


def test_needs_are_found_and_reported(lab: Lab, environ: dict[str, str], stentor: Callable[..., Any]) -> None:
    fleet = Path(environ["HOME"]) / "fleet"
    shutil.copytree(lab.fleet_dir, fleet / "ssot")
    shutil.copy(lab.ssh_config, fleet / "ssh_config")
    assert stentor("needs", fleet=fleet).code == 0  # nothing is required
    (fleet / "ssot" / "policy.yaml").write_text(
        "needs:\n  rules:\n    - {commands: [sh]}\n    - {on: crtr, commands: [frobnicate], mounts: [/]}\n"
    )
    said = stentor("needs", "--json", fleet=fleet)
    assert [json_schema.decode(line) for line in said.stdout.splitlines()]
    told = {r["node"]: r for r in map(json.loads, said.stdout.splitlines()) if r["type"] == "needs"}
    assert said.code == 1, said.stderr
    assert told["crtr"]["lacks"] == [{"category": "command", "name": "frobnicate"}]
    assert {need["name"] for need in told["crtr"]["has"]} == {"sh", "/"}
    assert told["drtr"]["lacks"] == []
    tasks = stentor("needs", "--as", "ansible", fleet=fleet)
    assert '- "frobnicate"' in tasks.stdout
    assert stentor("needs", "drtr", fleet=fleet).stdout == "drtr: has all 1\n"
    status = fleet / "STATUS.md"
    missing = stentor("report", "--check", status, fleet=fleet)
    assert (missing.code, "report -o" in missing.stderr) == (2, True)
    assert stentor("report", "-o", status, fleet=fleet).code == 0
    assert "| crtr | command frobnicate |" in status.read_text()
    assert stentor("report", fleet=fleet).stdout == status.read_text()
    assert stentor("report", "--check", status, fleet=fleet).code == 0
    page = fleet / "fleet.html"
    assert stentor("report", "-o", page, fleet=fleet).code == 0
    assert page.read_text().startswith("<!doctype html>") and "<svg" in page.read_text()
    assert stentor("node", "edit", "drtr", "state=migrating", fleet=fleet).code == 0
    stale = stentor("report", "--check", status, fleet=fleet)
    assert (stale.code, "is stale" in stale.stderr) == (1, True)
    assert "+| drtr | director" in stale.stdout
