"""Facts are gathered from real nodes, remembered, compared, and selected by."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.render import json_schema

pytestmark = pytest.mark.integration


def test_facts_outlive_their_node(lab: Lab, stentor: Callable[..., Any]) -> None:
    missing = stentor("nodes", "-1", "%hostname=crtr")
    assert (missing.code, "stentor facts" in missing.stderr) == (2, True)
    said = stentor("facts", "--json")
    assert said.code == 0, said.stderr
    assert [json_schema.decode(line) for line in said.stdout.splitlines()]
    told = {r["node"]: r for r in map(json.loads, said.stdout.splitlines()) if r["type"] == "facts"}
    assert set(told) == set(lab.nodes)
    assert all(told[alias]["facts"]["hostname"] in (alias, lab.node(alias).name) for alias in told)
    assert all(record["facts"]["tools"]["tmux"] for record in told.values())
    system = told["crtr"]["facts"]["os"]
    name = told["drtr"]["facts"]["hostname"]
    assert stentor("nodes", "-1", f"%hostname={name}").stdout == "drtr\n"
    ran = stentor("run", "-q", f"%os={system}&drtr", "hostname")
    assert ran.code == 0, ran.stderr
    # A full practice fleet beside us, coming or going, is an interface more or less of this machine.
    lines = stentor("facts", "--changed", "drtr").stdout.splitlines()
    assert [line for line in lines if "stentor-lab" not in line and "[198.18." not in line] == []
    # A program that says another version by now.
    tool = lab.home("drtr") / ".local" / "bin" / "chezmoi"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho chezmoi version v9.8.7\n")
    tool.chmod(0o755)
    changed = stentor("facts", "--changed", "drtr,crtr").stdout
    assert "drtr: tools.chezmoi: " in changed and "9.8.7" in changed
    stentor("masters", "stop", "@all")
    lab.break_("drtr", "power-cut")
    down = stentor("facts", "drtr", "--connect-timeout", "1")
    assert down.code == 4
    assert "9.8.7" in down.stdout and "facts from 2" in down.stderr
    assert "9.8.7" in stentor("facts", "--known", "drtr").stdout
    assert "9.8.7" in stentor("facts", "--known", "--changed").stdout


@pytest.mark.parametrize("command", ["facts", "needs"])
def test_what_finishes_it_is_said_last_after_ctrl_c(
    command: str, environ: dict[str, str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (tmp_path / "nodes.yaml").write_text(
            f"ssh: {{local: false}}\nnodes: {{a: {{address: 127.0.0.1, port: {port}, requires: [x]}}}}\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "stentor", command, "a", "--connect-timeout", "60"],
            env={**environ, "STENTOR_FLEET": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            silent.settimeout(60)
            with silent.accept()[0]:
                process.send_signal(signal.SIGINT)
                said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    *before, last = said.splitlines()
    assert last == f"stentor: not finished: a; to finish it: stentor {command} a"
    assert "cancelled: cancelled" not in said
    assert any(line.startswith("a: cancelled: Ctrl-C") for line in before), said
