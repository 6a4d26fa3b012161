# ruff: noqa: E501 - other tools' files, and what becomes of them
"""Other tools' files: what is carried over, what is listed as left, and that the result is a good fleet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.check import Source, check
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.hosts import read_hosts
from stentor.fleet.importers.ssh_config import read_ssh_config
from stentor.fleet.importers.write import empty
from tests.importing import Files, ansible, fleet_of, import_from


def ssh(text: str, **more: str) -> Found:
    files = Files(
        {"/home/me/.ssh/config": text, **{f"/home/me/.ssh/{name}": value for name, value in more.items()}}
    )
    return settle(read_ssh_config("/home/me/.ssh/config", files.read, files.listed, home="/home/me"))


def hosts(text: str) -> Found:
    return settle(read_hosts("/etc/hosts", Files({"/etc/hosts": text}).read))


# ---- /etc/hosts ----


def test_hosts() -> None:
    found = hosts(
        "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\n127.0.1.1 me\n"
        "192.168.254.10 cooperator crtr coop # the gateway\nfe80::1 cooperator\n10.0.0.1 web.example.org web\n"
        "0.0.0.0 ads.example\n10.0.0.1 again\nbad x\n10.0.0.9\n"
    )
    nodes = fleet_of(found).nodes
    assert {alias: (node.name, node.addresses) for alias, node in nodes.items()} == {
        "crtr": ("cooperator", ("192.168.254.10", "fe80::1")),
        "web": ("web.example.org", ("10.0.0.1",)),
    }
    assert found.left == [
        "/etc/hosts:4: me is this machine's own loopback",
        "/etc/hosts:5: cooperator has further names: coop",
        "/etc/hosts:10: 'bad' is no IP address",
        "/etc/hosts:11: 10.0.0.9 has no name",
        "/etc/hosts: names of the machine itself: localhost, ip6-localhost, ip6-loopback, ip6-allnodes",
        "/etc/hosts: 1 lines with 0.0.0.0 or ::, which block names",
        "again: address 10.0.0.1 already belongs to web, with the same port, user and jump host",
    ]


def test_a_line_of_hosts_ends_where_it_ends_to_the_resolver() -> None:
    found = hosts("# page\f10.0.0.1 a\n10.0.0.2\vb\r\n# \x8510.0.0.3 c\n")
    assert {alias: node.addresses for alias, node in fleet_of(found).nodes.items()} == {"b": ("10.0.0.2",)}


def test_a_line_of_hosts_has_the_names_that_a_node_can_have() -> None:
    found = hosts("192.0.2.5 joe@web web.example.org web")
    assert found.nodes == {"web.example.org": {"alias": "web", "address": ["192.0.2.5"]}}
    assert found.left == ["/etc/hosts:1: web.example.org has further names: joe@web"]


def test_addresses_of_this_machines_own_hosts_file_stay_there() -> None:
    own = "10.0.0.1 cooperator crtr\n10.0.0.2 web.example.org web\nfe80::1 web.example.org web\n10.0.0.3 a\n10.0.0.4 b a\n"
    files = Files(
        {
            "/etc/hosts": own,
            "/x/hosts": "10.0.0.1 cooperator crtr\n10.0.0.9 web.example.org web\n10.0.0.7 d\n",
        }
    )
    found = settle(read_hosts("/etc/hosts", files.read, system="/etc/hosts"))
    assert {name: fields.get("address", []) for name, fields in found.nodes.items()} == {
        "cooperator": [], "web.example.org": [], "a": ["10.0.0.3"], "b": [],
    }  # fmt: skip
    assert (
        "/etc/hosts: addresses stay there, where ssh finds them by the names of its host keys" in found.left
    )
    found = settle(read_hosts("/x/hosts", files.read, system="/etc/hosts"))
    assert {name: fields.get("address", []) for name, fields in found.nodes.items()} == {
        "cooperator": [], "web.example.org": ["10.0.0.9"], "d": ["10.0.0.7"],
    }  # fmt: skip


# ---- all of them ----


def test_files_and_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_bytes(b"\xef\xbb\xbf10.0.0.1 a\r\n")
    assert list(import_from("hosts", str(tmp_path / "hosts"), {}).nodes) == ["a"]
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for source, name, what in (
        ("hosts", "binary", "it is not text in UTF-8"),
        ("hosts", "missing", "it cannot be read: No such file"),
        ("ssh-config", ".", "it is a directory"),
        ("ansible", "hosts", None),
    ):
        if what:
            with pytest.raises(FleetError, match=what):
                import_from(source, str(tmp_path / name), {})
    empty_file = tmp_path / "empty"
    empty_file.write_text("")
    for source in ("hosts", "ansible", "clustershell", "ssh-config"):
        with pytest.raises(FleetError, match="there are no nodes in it"):
            import_from(source, str(empty_file), {"HOME": os.fspath(tmp_path)})


@pytest.mark.parametrize("hostname", ["cooperator", "cooperator.lan", "up", "all", "-x", "", "null", "12"])
def test_empty_fleet_is_valid(hostname: str) -> None:
    result = check([Source("nodes", "nodes.yaml", empty(hostname).encode())], "/fleet")
    assert result.faults == ()


words = st.sampled_from(
    [
        "Host",
        "HostName",
        "User",
        "Port",
        "ProxyJump",
        "Include",
        "Match",
        "*",
        "!",
        "a",
        "b",
        "c",
        "a.b",
        "node[1-3]",
        "@a",
        "@b",
        "all",
        "up",
        "self",
        "[g]",
        "[g:children]",
        "[g:vars]",
        "[h]",
        "ansible_host=10.0.0.1",
        "ansible_port=x",
        "10.0.0.1",
        "fe80::1",
        "::1",
        "127.0.0.1",
        "x=1",
        "=",
        ":",
        ",",
        "-",
        "a:",
        "hosts:",
        "children:",
        "vars:",
        "all:",
        "a[1:3]",
        "@local:a",
        '"',
        "'",
        "#",
        "{}",
        "7",
        "null",
        "-x",
        "%h",
    ]
)
lines = st.lists(st.lists(words | st.text(max_size=5), max_size=5).map(" ".join), max_size=12).map("\n".join)
indented = st.lists(st.tuples(st.integers(0, 4), words), max_size=14).map(
    lambda rows: "\n".join("  " * depth + word for depth, word in rows)
)


@given(lines | indented, st.sampled_from(["ssh", "ini", "yaml", "hosts"]))
def test_any_text_makes_a_valid_fleet_or_an_error(text: str, kind: str) -> None:
    makers: dict[str, Any] = {
        "ssh": lambda: ssh(text),
        "ini": lambda: ansible(text),
        "yaml": lambda: ansible(text, "x.yml"),
        "hosts": lambda: hosts(text),
    }
    found = makers[kind]()
    if found.nodes:
        fleet_of(found)


def test_characters_beyond_the_basic_plane_come_back() -> None:
    assert fleet_of(ansible("gw rack='\U0001f4a9\\ud83d'\n")).nodes["gw"].variables == {
        "rack": "\U0001f4a9\\ud83d"
    }
