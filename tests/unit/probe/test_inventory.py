"""What a node is made of, from real shells and from odd lines."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.probe import inventory
from stentor.probe.inventory import differences, parse
from stentor.sh.program import path
from tests.support import need

NODE = b"""welcome to crtr
stentor_inventory=1
uname=Linux 6.12.1 aarch64
hostname=crtr
shell=/bin/zsh
os_release=NAME="Debian GNU/Linux"
os_release=ID=debian
os_release=VERSION_ID="13"
os_release=VERSION_CODENAME=trixie
debian_version=13.1
meminfo=MemTotal:        8000000 kB
cpuinfo=model name\t: Cortex-A76
cpuinfo=Model\t\t: Raspberry Pi 5
cores=4
disk=nvme0n1 1000215216 0 Samsung SSD 980
disk=sda 0 1
mac=eth0 aa:bb:cc:dd:ee:ff
mac=lo 00:00:00:00:00:00
address=1: lo    inet 127.0.0.1/8 scope host lo
address=2: eth0    inet 192.168.254.10/24 brd 192.168.254.255 scope global eth0
address=2: eth0    inet6 fe80::1/64 scope link
address=2: eth0    inet6 2001:db8::5/64 scope global temporary dynamic
virtual=none
gpu=NVIDIA GeForce RTX 4090, 24564, 550.54
gpu=NVIDIA-SMI has failed
has=git
has=docker
tool_git=git version 2.47.3
tool_docker=Docker version 28.2.2, build e6534b4
package=dpkg-query: no packages found matching nosuch
package=installed git 1:2.47.3-0+deb13u1
package=config-files tmux 3.3a-3
stentor_inventory_end=1
"""


def test_a_node() -> None:
    facts = parse(NODE)
    assert (facts["os"], facts["system"], facts["codename"]) == ("debian13", "Debian 13.1", "trixie")
    assert (facts["kernel"], facts["arch"], facts["cpu"], facts["cores"]) == (
        "6.12.1",
        "aarch64",
        "Cortex-A76",
        4,
    )
    assert facts["memory"] == 8000000 * 1024
    assert facts["gpus"] == [
        {"name": "NVIDIA GeForce RTX 4090", "memory": 24564 * 1024 * 1024, "driver": "550.54"}
    ]
    assert facts["disks"] == [
        {"name": "nvme0n1", "size": 1000215216 * 512, "kind": "flash", "model": "Samsung SSD 980"}
    ]
    assert facts["addresses"] == [{"interface": "eth0", "address": "192.168.254.10"}]
    assert facts["macs"] == {"eth0": "aa:bb:cc:dd:ee:ff"}
    assert facts["tools"] == {"docker": "28.2.2", "git": "2.47.3"}
    assert facts["packages"] == {"git": "1:2.47.3-0+deb13u1"}
    assert facts["complete"] and "virtual" not in facts


def test_other_systems() -> None:
    begin = b"stentor_inventory=1\n"
    mac = parse(
        begin + b"uname=Darwin 23.1.0 arm64\nsw_vers=ProductVersion:\t14.1\nmemory_bytes=17179869184\n"
    )
    assert (mac["os"], mac["system"], mac["memory"]) == ("macos14", "macOS 14.1", 17179869184)
    alpine = parse(
        begin + b'os_release=NAME="Alpine Linux"\nos_release=ID=alpine\napk=git-2.43.0-r0\napk=x\n'
    )
    assert (alpine["system"], alpine["packages"]) == ("Alpine", {"git": "2.43.0-r0"})
    assert parse(begin + b"lspci=01:00.0 VGA compatible controller: Intel UHD\n")["gpus"] == [
        {"name": "Intel UHD"}
    ]
    assert parse(b"no such thing") == {}


@given(st.lists(st.sampled_from(NODE.splitlines()) | st.binary(max_size=60)))
def test_whatever_a_node_says_is_plain_data(lines: list[bytes]) -> None:
    facts = parse(b"\n".join([b"stentor_inventory=1", *lines]))
    assert json.loads(json.dumps(facts)) == facts
    assert differences(facts, facts) == []


@given(st.binary(max_size=300))
def test_any_bytes(output: bytes) -> None:
    parse(output)


@pytest.mark.parametrize("shell", [["dash"], ["bash"], ["busybox", "sh"]])
def test_the_script_in_a_plain_shell(shell: list[str]) -> None:
    need(shell[0])
    words = inventory.words(["sh", "tmux", "nosuchtool"], ["nosuchpackage"]).split()[1:]
    with open(path("inventory"), "rb") as script:
        done = subprocess.run([*shell, *words], stdin=script, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")
    facts = parse(done.stdout)
    assert facts["complete"]
    assert "sh" in facts["tools"] and "nosuchtool" not in facts["tools"]
    assert facts["cores"] >= 1 and facts["kernel"] == os.uname().release


def test_what_differs() -> None:
    before = parse(NODE)
    after = parse(
        NODE.replace(b"2.47.3\n", b"2.48.0\n").replace(b"980", b"990").replace(b"has=docker\n", b"")
    )
    lines = differences(before, after)
    assert "tools.git: 2.47.3 -> 2.48.0" in lines
    assert "tools.docker: gone (was 28.2.2)" in lines
    assert "disks[nvme0n1].model: Samsung SSD 980 -> Samsung SSD 990" in lines
    assert differences(before, {**before, "gpus": []})[0] == "gpus[NVIDIA GeForce RTX 4090]: gone"
