"""What modules amount to as command lines: the guard's findings."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.guard import examine
from stentor.guard.modules import ROWS, read, read_command
from stentor.playbooks.modules import sent

RULES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("ansible.builtin.file", {"path": "/etc", "state": "absent"}, {"remove-tree"}),
    ("file", {"dest": "/srv/app/old", "state": "absent"}, set()),
    ("file", {"path": "/home", "mode": "0000"}, {"ownership"}),
    ("file", {"path": "/srv/app", "state": "directory", "mode": "0755", "owner": "app"}, set()),
    ("file", {"path": "/usr", "owner": "app", "recurse": True}, {"ownership"}),
    ("copy", {"src": "passwd", "dest": "/etc/"}, {"login-file"}),
    ("copy", {"content": "x", "dest": "/etc/sudoers.d/x", "validate": "visudo -cf %s"}, set()),
    ("template", {"src": "motd.j2", "dest": "/etc/motd"}, set()),
    ("lineinfile", {"path": "/etc/ssh/sshd_config", "line": "UsePAM no"}, {"login-file"}),
    ("unarchive", {"src": "x.tgz", "dest": "/etc"}, {"login-file"}),
    ("service", {"name": "sshd", "state": "stopped"}, {"lock-out"}),
    ("systemd_service", {"name": "nginx", "state": "stopped"}, set()),
    ("systemd", {"name": "ssh.socket", "enabled": False}, {"lock-out"}),
    ("systemd", {"name": "ssh", "enabled": True, "masked": "no", "state": "restarted"}, set()),
    ("user", {"name": "alice", "state": "absent", "remove": "yes"}, {"accounts"}),
    ("user", {"name": "alice", "shell": "/bin/bash"}, set()),
    ("apt", {"name": ["vim", "openssh-server"], "state": "absent"}, {"package"}),
    ("package", {"name": "htop", "state": "present"}, set()),
    ("ansible.posix.mount", {"path": "/home", "state": "unmounted"}, {"unmount"}),
    ("community.general.ufw", {"state": "enabled", "policy": "deny"}, {"firewall"}),
    ("iptables", {"chain": "INPUT", "policy": "DROP"}, {"firewall"}),
    ("cron", {"name": "x", "job": "reboot"}, {"power"}),
    ("reboot", {}, {"power"}),
    ("shell", {"_raw_params": "rm -rf etc", "chdir": "/"}, {"remove-tree"}),
    ("command", {"argv": ["rm", "-rf", "/etc"]}, {"remove-tree"}),
    ("command", {"cmd": "uptime"}, set()),
    ("file", {"path": "{{ place }}", "state": "absent"}, set()),
    ("debug", {"msg": "rm -rf /"}, set()),
]


def rules(module: str, arguments: dict[str, Any]) -> set[str]:
    return {found.rule for one in sent(module, arguments) for found in examine(one.line)}


@pytest.mark.parametrize(("module", "arguments", "expected"), RULES)
def test_the_guard_finds_what_a_module_does(
    module: str, arguments: dict[str, Any], expected: set[str]
) -> None:
    assert rules(module, arguments) == expected


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("path=/etc state=absent", {"path": "/etc", "state": "absent"}),
        ("path='/srv/my data' state=absent", {"path": "/srv/my data", "state": "absent"}),
        ("name='x", {"name": "'x"}),
    ],
)
def test_arguments_are_read_as_they_are_typed(words: str, arguments: dict[str, str]) -> None:
    assert read(words) == arguments


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("uptime", "uptime"),
        ("rm -rf a=b", "rm -rf a=b"),
        ("chdir=/ rm -rf etc", "cd / && rm -rf etc"),
        ("cmd='rm -rf /etc'", "rm -rf /etc"),
        ("creates=/x chdir='/my data' make", "cd '/my data' && make"),
    ],
)
def test_a_command_is_read_behind_its_options(words: str, line: str) -> None:
    assert [one.line for one in sent("command", read_command(words))] == [line]


def test_a_question_names_the_task() -> None:
    (one,) = sent("file", {"path": "/etc", "state": "absent", "attributes": "i"}, "site.yml:3")
    assert one.shown == "site.yml:3: file: state=absent path=/etc"


def test_every_row_has_a_source() -> None:
    rows = ROWS.replace("\n  ", " ").strip().splitlines()
    assert all(len(row.split(" | ")) == 4 or row.split("|")[3].strip() for row in rows)
