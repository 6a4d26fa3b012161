"""The commands that run something within a service."""

from __future__ import annotations

import subprocess

from stentor.fleet.service import Service
from stentor.services.remote import inside


def test_a_part_of_a_project_is_a_word_whatever_it_is() -> None:
    command = inside(Service("web", "compose", project="web"), "true", "it's; echo ran")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("no container of it's; echo ran runs\n")
