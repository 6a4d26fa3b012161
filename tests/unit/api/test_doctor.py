"""What doctor does with nodes that are not behind ssh."""

from __future__ import annotations

import os
from pathlib import Path

from stentor.api.fleet import Fleet
from stentor.testing import FakeNodes, Reply
from tests.practice import FLEET


def test_no_ssh_is_started_for_nodes_of_another_engine(tmp_path: Path) -> None:
    """Neither to follow their logins nor for other ways into those whose shell lets no command through."""
    notes, program = tmp_path / "notes", tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >>{notes}\n')
    program.chmod(0o755)
    environ = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    nodes = FakeNodes({"crtr": Reply(kind="unreachable"), "prtr": Reply(kind="shell-broken")})
    found = Fleet(FLEET, environ=environ, hostname="elsewhere", engine=nodes).select("@core").doctor()
    assert {node.outcome.node: node.outcome.kind for node in found} == {
        "crtr": "unreachable",
        "prtr": "shell-broken",
        "drtr": "shell-broken",
    }
    started = notes.read_text().splitlines() if notes.exists() else []
    assert [words for words in started if not words.startswith("-G")] == []  # -G only reads the configuration
