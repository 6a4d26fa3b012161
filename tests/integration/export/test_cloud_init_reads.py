"""cloud-init's own schema takes the user-data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stentor.export.cloud_init import make
from stentor.export.marked import whole
from stentor.export.view import View
from stentor.fleet.member import Member
from tests.support import need
from tests.unit.bootstrap.test_program import ALL, LEAST
from tests.unit.fleet.test_member import fleet, made


def checked(member: Member, path: Path) -> subprocess.CompletedProcess[str]:
    need("cloud-init")
    text = whole("cloud-init", make(View(fleet(""), [], members={member.alias: member})))
    path.write_text(text)
    words = ["cloud-init", "schema", "--config-file", str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("policy", [ALL, LEAST, "", "bootstrap: {hostname: name, sudo: password}\n"])
@pytest.mark.parametrize("alias", ["a", "b"])
def test_the_schema_takes_it(policy: str, alias: str, tmp_path: Path) -> None:
    if alias == "b":
        policy = policy.replace("root_login: 'no'", "root_login: keys")
    done = checked(made(policy, alias), tmp_path / "user-data")
    assert done.returncode == 0, done
    assert "deprecat" not in done.stdout.lower()


def test_the_schema_takes_values_that_need_quotes(tmp_path: Path) -> None:
    member = made(ALL)._replace(
        keys=('ssh-ed25519 AAAA it\'s "me": #1',), repository="it's $(x): {{ y }}", hostname="no"
    )
    assert checked(member, tmp_path / "user-data").returncode == 0


def test_the_schema_is_one_that_refuses(tmp_path: Path) -> None:
    done = checked(made("")._replace(groups=(1,)), tmp_path / "user-data")  # type: ignore[arg-type]
    assert done.returncode != 0
