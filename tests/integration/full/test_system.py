"""The lab's full nodes themselves, and what stentor says of a machine with systemd."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stentor import lab as labs
from stentor.lab.backends.full import Full
from stentor.lab.plan import debian
from tests.integration.full.conftest import boot_id

pytestmark = pytest.mark.integration


def rows(text: str, kind: str) -> list[dict[str, Any]]:
    return [row for row in map(json.loads, text.splitlines()) if row["type"] == kind]


def test_every_node_is_a_debian_of_its_own(debians: labs.Lab) -> None:
    lab = debians
    asked = ". /etc/os-release; echo $VERSION_CODENAME; uname -n; id -un; cat /etc/machine-id; pwd"
    seen = [lab.run(alias, asked).stdout.split() for alias in lab.nodes]
    assert [row[:3] for row in seen] == [["trixie", alias, alias] for alias in lab.nodes]
    assert len({row[3] for row in seen}) == len(seen)
    assert {boot_id(lab, alias) for alias in lab.nodes}.isdisjoint(
        {Path("/proc/sys/kernel/random/boot_id").read_text().strip()}
    )
    assert lab.run("crtr", "systemctl is-system-running --wait").stdout == "running\n"
    assert lab.run("crtr", "ip route show default").stdout == ""
    assert lab.run("crtr", "ping -c1 -W1 192.0.2.1 || timeout 2 bash -c '</dev/tcp/192.0.2.1/80'").code != 0


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("link-cut", "timed out"),
        ("refuse", "Connection refused"),
        ("kill-sshd", "Connection refused"),
        ("hang", "during banner exchange"),
        ("denied", "Permission denied"),
        ("host-key-changed", "HOST IDENTIFICATION HAS CHANGED"),
        ("full-disk", "No space left on device"),
        ("read-only-home", "Read-only file system"),
        ("down", ""),
    ],
)
def test_faults(debians: labs.Lab, fault: str, seen: str) -> None:
    debians.break_("trtr", fault)
    states = {row.alias: row.state for row in debians.status()}
    assert states.pop("trtr") == ("down" if fault == "down" else "broken")
    assert set(states.values()) == {"up"}
    ran = debians.run("trtr", "echo some words >file", options=("-o", "ConnectTimeout=1"))
    assert ran.code != 0
    assert seen in ran.stderr
    assert debians.heal() == ["trtr"]
    assert debians.run("trtr", "echo in") == (0, "in\n", "")


def test_nothing_is_left(debians: labs.Lab, make_lab: Any) -> None:
    """Neither after ``lab down`` nor, of what the kernel keeps, after everything was killed."""
    own: labs.Lab = make_lab(nodes=1, backend="full")
    assert own.run("node001", "echo in").stdout == "in\n"
    assert isinstance(own.backend, Full)
    interface = own.backend.interface
    assert interface in os.listdir("/sys/class/net")
    group = debian.cgroup(own.paths("node001"))
    assert list(Path("/sys/fs/cgroup").glob(group)) + list(Path("/sys/fs/cgroup").glob(f"*/{group}"))
    own.down()
    assert interface not in os.listdir("/sys/class/net")
    top = os.path.dirname(group)
    assert not [*Path("/sys/fs/cgroup").glob(top), *Path("/sys/fs/cgroup").glob(f"*/{top}")]
    assert str(own.directory) not in Path("/proc/mounts").read_text()
    assert not own.directory.exists()


def test_status_and_facts(debians: labs.Lab, stentor: Any) -> None:
    said = stentor("status", "--json", fleet=debians)
    assert said.code == 0, said
    facts = stentor("facts", "@all", "--json", fleet=debians)
    assert facts.code == 0, facts
    text = facts.stdout
    assert text.count("trixie") + text.count("debian13") + text.count('"13"') >= len(debians.nodes), text[
        :2000
    ]


def test_reboot_is_proved_by_the_boot_id(lab: labs.Lab, stentor: Any) -> None:
    before = {alias: boot_id(lab, alias) for alias in lab.nodes}
    said = stentor("reboot", "prtr,drtr", "--yes-really", "2", timeout=120)
    assert said.code == 0, said
    assert said.stdout.count("back after") == 2
    changed = {alias for alias in lab.nodes if boot_id(lab, alias) != before[alias]}
    assert changed == {"prtr", "drtr"}


def test_a_reboot_that_hangs_is_not_taken_for_one(debians: labs.Lab, stentor: Any) -> None:
    """A node that answers all the time, and was asked in vain, is not back."""
    said = stentor("reboot", "prtr", "--command", "true", "--patience", "4s", fleet=debians)
    assert said.code != 0
    assert "not back within 4 s" in said.stderr


def test_doctor_sees_what_a_user_service_finds(lab: labs.Lab, stentor: Any) -> None:
    """PATH of a service is not that of a login; the fix which doctor shows is the one that helps."""
    tool = (
        "mkdir -p ~/.local/bin && printf '#!/bin/sh\\n' >~/.local/bin/mytool && chmod +x ~/.local/bin/mytool"
    )
    # Every kind of shell has it but services and cron.
    line = 'PATH="$HOME/.local/bin:$PATH"'
    assert lab.run("crtr", f"{tool} && sed -i '1i {line}' ~/.bashrc").code == 0
    fleet = lab.fleet_dir / "nodes.yaml"
    before = fleet.read_text()
    fleet.write_text(before.replace("role: gateway", "role: gateway, requires: [mytool]"))
    try:
        found = missing(stentor("doctor", "crtr", "--json").stdout)
        assert found["what"] == "mytool is not found by a user service and cron"
        assert "environment.d" in found["fix"]
        fix = found["fix"]
        done = lab.run("crtr", fix)
        assert done.code == 0, done
        found = missing(stentor("doctor", "crtr", "--json").stdout)
        assert found["what"] == "mytool is not found by cron"
        assert "a user service has it from ~/.config/environment.d/10-path.conf:1" in found["evidence"]
        assert found["severity"] == "note"
    finally:
        fleet.write_text(before)


def missing(text: str) -> dict[str, Any]:
    """What doctor finds of commands that are not found."""
    (node,) = rows(text, "doctor")
    (found,) = [finding for finding in node["findings"] if finding["key"] == "command-missing"]
    return dict(found)


def test_doctor_says_when_no_user_service_can_be_started(debians: labs.Lab, stentor: Any) -> None:
    """Where user managers are forbidden there is none to ask, and that is no fault of the shells."""
    said = stentor("doctor", "trtr", "--json", fleet=debians)
    assert said.code in (0, 1), said
    assert "service-fails" not in said.stdout
