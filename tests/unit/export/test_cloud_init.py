"""User-data for cloud-init: what it says, and that no value is more than a value."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from stentor.errors import UsageError
from stentor.export.cloud_init import make
from stentor.export.view import View
from stentor.fleet.member import Member
from tests.unit.bootstrap.test_program import ALL
from tests.unit.fleet.test_member import KEY, fleet, made


def data(member: Member) -> dict[str, Any]:
    view = View(fleet(""), [], members={member.alias: member})
    found = make(view)
    assert found.first == "#cloud-config"
    loaded = yaml.safe_load(found.text)
    assert isinstance(loaded, dict)
    return loaded


def test_all_of_it_is_said() -> None:
    found = data(made(ALL))
    assert found["hostname"] == "a"
    assert found["timezone"] == "Etc/UTC"
    assert found["ntp"] == {"enabled": True}
    assert found["ssh_pwauth"] is False
    assert found["disable_root"] is True
    (user,) = found["users"]
    assert user["name"] == "me"
    assert user["sudo"] == "ALL=(ALL:ALL) NOPASSWD: ALL"
    assert user["groups"] == ["adm"]
    assert user["ssh_authorized_keys"] == [KEY]
    assert {"zsh", "git", "nvim", "tzdata"} <= {*found["packages"]}
    (sshd,) = found["write_files"]
    assert sshd["content"].splitlines()[0] == "PermitRootLogin no"
    words = [command[0] for command in found["runcmd"]]
    assert words == ["sh", "loginctl", "sh", "systemctl", "sh", "runuser", "systemctl"]


def test_the_least_has_nothing_else() -> None:
    member = made(
        "bootstrap: {time_sync: false, hostname: keep, linger: false, sudo: none, dotfiles: false}\n"
    )
    found = data(member)
    assert [*found] == ["preserve_hostname", "users", "package_update", "packages"]
    assert "sudo" not in found["users"][0]


def test_root_keeps_its_login_where_the_fleet_uses_it() -> None:
    found = data(made("", "b"))
    assert found["disable_root"] is False
    assert found["users"] == [{"name": "root", "ssh_authorized_keys": [KEY]}]


@pytest.mark.parametrize(
    "text", ["no", "012", "a: b", "- x", "'", '"', "#x", "{{ x }}", "$(x) `y`", "\\x", "é\u2028"]
)
def test_every_value_stays_what_it_is(text: str) -> None:
    member = made(ALL)._replace(user=text, hostname=text, timezone=text, repository=text, branch=text)
    found = data(member)
    assert (found["hostname"], found["timezone"], found["users"][0]["name"]) == (text, text, text)
    login = next(command for command in found["runcmd"] if command[0] == "runuser")
    assert login[2] == text
    # The one command that a shell reads: its words come apart as they were.
    shown = subprocess.run(
        ["sh", "-c", login[4].replace("sh -c", "printf '%s\\n'", 1)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-2:] == [text, text] or text == "é\u2028"


def test_the_command_that_fetches_chezmoi_is_sh() -> None:
    fetch = next(command for command in data(made(ALL))["runcmd"] if "chezmoi" in command[2])
    assert fetch[3:] == ["sh", "https://h/c"]
    subprocess.run(["sh", "-n", "-c", fetch[2]], check=True)
    assert "amd64) sum=" + "a" * 64 in fetch[2]


def test_shell_that_is_not_there_is_not_set(tmp_path: Path) -> None:
    """sshd would let nobody in: seen on a real first boot, where packages could not be installed."""
    usermod = tmp_path / "usermod"
    usermod.write_text('#!/bin/sh\nprintf "%s\\n" "$*"\n')
    usermod.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    for shell, wanted in (("/bin/sh", "--shell /bin/sh -- me\n"), ("/usr/bin/none-such", "")):
        command = data(made(ALL)._replace(shell=shell))["runcmd"][0]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.stdout == wanted
        assert bool(done.returncode) == ("there is no shell" in done.stderr) == (not wanted)


def test_several_nodes_are_files_of_a_folder() -> None:
    members = {alias: made("", alias) for alias in ("a", "b")}
    with pytest.raises(UsageError, match="for one node, and 2 are selected"):
        make(View(fleet(""), [], members=members))
    found = make(View(fleet(""), [], members=members, options={"folder": True}))
    assert [*found.files] == ["a", "b"]
