"""Ansible itself, in a world of its own, for what is exported and for what `needs` says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support import need

NOTHING_LEFT = "-o ControlMaster=no -o ControlPath=none"


class Ansible:
    """Runs Ansible's programs.

    Args:
        folder: for what they keep.
        environ: the test's.
        timeout: of each program, seconds.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], timeout: float = 110) -> None:
        self.timeout = timeout
        self.environ = {
            **environ,
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "ansible/tmp"),
            "ANSIBLE_SSH_ARGS": NOTHING_LEFT,
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, program: str, *words: str) -> str:
        """Run one of them to its good end; what it wrote to standard output."""
        beside = os.path.join(os.path.dirname(sys.executable), program)
        found = beside if os.path.exists(beside) else shutil.which(program)
        if not found:
            need(program)
        done = subprocess.run(
            [str(found), *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=self.timeout,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    def listed(self, inventory: Path) -> dict[str, Any]:
        """What Ansible makes of an inventory."""
        return dict(json.loads(self.run("ansible-inventory", "-i", str(inventory), "--list")))

    def play(self, inventory: Path, playbook: Path, *words: str) -> dict[str, dict[str, int]]:
        """Run a playbook; the numbers of its recap by host."""
        said = self.run("ansible-playbook", "-i", str(inventory), str(playbook), *words)
        recap = said.partition("PLAY RECAP")[2].splitlines()[1:]
        return {
            line.split()[0]: {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", line)}
            for line in recap
            if ":" in line
        }
