"""ansible-lint at its strictest takes the playbook that makes members."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.export.member_playbook import playbook
from tests.playbooks import ansible_program
from tests.support import need
from tests.unit.bootstrap.test_program import ALL, LEAST
from tests.unit.fleet.test_member import made


@pytest.mark.timeout(400)
def test_it_is_clean_for_ansible_lint_at_its_strictest(tmp_path: Path) -> None:
    program = ansible_program("ansible-lint")
    if not os.path.exists(program):
        need("ansible-lint")
        program = "ansible-lint"
    (tmp_path / "playbooks").mkdir()
    root = made(ALL.replace("root_login: 'no'", "root_login: keys"), "b")
    long = made(ALL)._replace(keys=("ssh-rsa " + "A" * 400 + " {{ me }}",))
    text = playbook([made(ALL), made(LEAST), root, long])
    (tmp_path / "playbooks/members.yml").write_text(text)
    words = [program, "--offline", "--strict", "--profile", "production", "--nocolor"]
    environ = {**os.environ, "HOME": str(tmp_path), "ANSIBLE_HOME": str(tmp_path / "ansible")}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Profile 'production' was required, and it passed" in done.stderr
