# ruff: noqa: E501 - other tools' files, and what becomes of them
"""Other tools' files: what is carried over, what is listed as left, and that the result is a good fleet."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.check import Source, check
from stentor.fleet.importers.ansible import expand, read_ansible
from stentor.fleet.importers.ansible_ssh import jump_of
from stentor.fleet.importers.clustershell import read_clustershell
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.hosts import read_hosts
from stentor.fleet.importers.open import import_from
from stentor.fleet.importers.ssh_config import read_ssh_config
from stentor.fleet.importers.write import empty, text_of
from stentor.fleet.model import Fleet


class Files(dict[str, str]):
    """Files in memory."""

    def read(self, path: str) -> str:
        if path not in self:
            raise FileNotFoundError(2, "No such file", path)
        return self[path]

    def listed(self, pattern: str) -> list[str]:
        return sorted(
            path for path in self if fnmatch(path, pattern) and path.count("/") == pattern.count("/")
        )


def fleet_of(found: Found) -> Fleet:
    """The fleet which the written text makes; it must be without faults."""
    text = text_of(found, "a test")
    result = check([Source("nodes", "nodes.yaml", text.encode("utf-8", "replace"))], "/fleet")
    assert result.faults == (), text
    assert result.fleet is not None
    return result.fleet


def ssh(text: str, **more: str) -> Found:
    files = Files(
        {"/home/me/.ssh/config": text, **{f"/home/me/.ssh/{name}": value for name, value in more.items()}}
    )
    return settle(read_ssh_config("/home/me/.ssh/config", files.read, files.listed, home="/home/me"))


def ansible(text: str, name: str = "inventory") -> Found:
    files = Files({f"/a/{name}": text})
    return settle(read_ansible(f"/a/{name}", files.read, files.listed, is_folder=False))


def hosts(text: str) -> Found:
    return settle(read_hosts("/etc/hosts", Files({"/etc/hosts": text}).read))


def clustershell(files: dict[str, str], path: str = "/cs") -> Found:
    held = Files({f"/cs/{name}": text for name, text in files.items()})
    return settle(read_clustershell(path, held.read, held.listed, is_folder=path == "/cs"))


# ---- ssh_config ----


def test_ssh_config_as_ssh_reads_it() -> None:
    found = ssh(
        """
Host cooperator crtr
  HostName 192.168.254.10
  User crtr
Host drtr
  hostname = 192.168.254.30
  ProxyJump crtr
Host web1 web2
  HostName %h.example.org
Host *.lan !bad.lan
  Port 2222
Host nas.lan
Host bad.lan
Host "quoted"
  Port=99
Host *
  User me
  Port 22
"""
    )
    nodes = fleet_of(found).nodes
    assert {alias: (n.name, n.addresses, n.user, n.port, n.jump) for alias, n in nodes.items()} == {
        "crtr": ("cooperator", ("192.168.254.10",), "crtr", 22, None),
        "drtr": ("drtr", ("192.168.254.30",), "me", 22, "crtr"),
        "web1": ("web1", ("web1.example.org",), "me", 22, None),
        "web2": ("web2", ("web2.example.org",), "me", 22, None),
        "nas.lan": ("nas.lan", (), "me", 2222, None),
        "bad.lan": ("bad.lan", (), "me", 22, None),
        "quoted": ("quoted", (), "me", 99, None),
    }
    assert found.left == [
        "/home/me/.ssh/config:10: Host *.lan: a pattern names no node; ssh goes on to use it",
        "/home/me/.ssh/config:10: Host !bad.lan: a pattern names no node; ssh goes on to use it",
    ]


def test_ssh_config_agrees_with_ssh(tmp_path: Path) -> None:
    """The judge is ssh itself: for each host the same name, user and port as ``ssh -G`` says."""
    import subprocess

    (tmp_path / "inc").write_text("Host a b\n  User inner\nHost *\n  Port 7\n")
    (tmp_path / "config").write_text(
        f"Host a*\n  User early\nHost b c\n  Include {tmp_path}/inc\n  HostName %h.x\nHost c d\n  HostName late\n"
        "Host *\n  HostName %h.y\n  User last\n  Port 9\nHost d\n  User never\n"
    )
    found = import_from("ssh-config", str(tmp_path / "config"), {"HOME": str(tmp_path)})
    for name in ("b", "c", "d"):
        told = subprocess.run(
            ["ssh", "-F", str(tmp_path / "config"), "-G", name], capture_output=True, text=True, check=True
        ).stdout
        said = dict(line.split(" ", 1) for line in told.splitlines() if " " in line)
        fields = found.nodes[name]
        assert (fields["address"], fields["user"], str(fields["port"])) == (
            [said["hostname"]],
            said["user"],
            said["port"],
        )
    assert "a" not in found.nodes  # in the included file, but outside of 'Host b c'


def test_ssh_config_includes() -> None:
    found = ssh(
        "Include conf.d/*\nInclude none\nHost z\n",
        **{"conf.d/a": "Host a\n User x\n", "conf.d/b": "Host b\n"},
    )
    assert list(found.nodes) == ["a", "b", "z"]
    assert found.left == ["/home/me/.ssh/config:2: Include none matches no file"]
    assert "too many levels of Include" in " ".join(ssh("Host a\nInclude config\n").left)


def test_ssh_config_lists_what_stays() -> None:
    found = ssh(
        "Host github.com\n  User git\nHost a\n  IdentityFile x\n  Port 0\nHost a2\n  HostName a b\nMatch exec true\n  User m\n"
        "Host r\n HostName 1.2.3.4\nHost r-root\n  HostName 1.2.3.4\n  User root\nHost -x\n"
    )
    assert list(fleet_of(found).nodes) == ["a", "a2", "r"]
    told = "\n".join(found.left)
    for part in ("github.com logs in as git", "identityfile: stay there", "port '0' of a is none", "Match exec true",
                 "r-root: address 1.2.3.4 already belongs to r", "-x: its name has characters"):  # fmt: skip
        assert part in told


def test_other_ssh_config_is_kept_in_use() -> None:
    files = Files({"/other/config": "Host a\n"})
    found = settle(read_ssh_config("/other/config", files.read, files.listed, home="/home/me"))
    assert found.ssh_config == "/other/config"
    assert "ssh: {config: /other/config}" in text_of(found, "x")


# ---- Ansible ----

INI = """
lone ansible_host=10.9.9.9
[web]
www[01:03].example.com http_port=80 tags='["a", "b"]'
gw:2200 ansible_user=root ansible_password=secret
[db]
db-[a:c]
one ansible_ssh_common_args='-o ProxyJump=gw' ansible_python_interpreter=/usr/bin/python3
[site:children]
web
db
[site:vars]
rack=5
ansible_user=deploy
[web:vars]
rack=6
"""

YAML = """
all:
  vars: {ansible_user: deploy}
  hosts:
    lone: {ansible_host: 10.9.9.9}
  children:
    site:
      vars: {rack: 5}
      children:
        web:
          vars: {rack: 6}
          hosts:
            www[01:03].example.com: {http_port: 80, tags: [a, b]}
            gw: {ansible_port: 2200, ansible_user: root, ansible_password: secret}
        db:
          hosts: {db-a: , db-b: , db-c: , one: {ansible_ssh_common_args: -J gw}}
"""


@pytest.mark.parametrize(("text", "name"), [(INI, "hosts.ini"), (YAML, "hosts.yml"), (YAML, "hosts")])
def test_ansible(text: str, name: str) -> None:
    found = ansible(text, name)
    fleet = fleet_of(found)
    assert fleet.groups["web"] == ("www01.example.com", "www02.example.com", "www03.example.com", "gw")
    assert fleet.groups["db"] == ("db-a", "db-b", "db-c", "one")
    assert set(fleet.groups["site"]) == {*fleet.groups["web"], *fleet.groups["db"]}
    nodes = fleet.nodes
    assert nodes["lone"].addresses == ("10.9.9.9",)
    assert nodes["www02.example.com"].variables == {"rack": 6, "http_port": 80, "tags": ["a", "b"]}
    assert (nodes["gw"].user, nodes["gw"].port) == ("root", 2200)
    assert (nodes["one"].jump, nodes["one"].user) == ("gw", "deploy")
    assert nodes["db-a"].variables == {"rack": 5}
    told = "\n".join(found.left)
    assert "ansible_password of gw: secrets do not belong into a fleet file" in told
    assert "secret" not in text_of(found, "x").replace("secrets do not", "")
    assert ("ansible_python_interpreter of one: /usr/bin/python3" in told) == (text is INI)


def test_ansible_name_clashes_are_renamed_and_listed() -> None:
    found = ansible("[up]\na\n[a]\na\n[b:children]\nup\na\nb\n[all:vars]\nx=1\n")
    fleet = fleet_of(found)
    assert {"up-nodes", "a-nodes", "b"} <= set(fleet.groups)
    assert fleet.groups["b"] == ("a",)
    assert found.left == [
        "group up: is called 'up-nodes' here",
        "group a: is called 'a-nodes' here",
        "group b: @b goes round in a circle",
    ]


def test_ansible_says_what_it_does_not_read() -> None:
    assert "asks a plugin" in ansible("plugin: aws_ec2\n", "x.yml").left[0]
    assert "is a program" in ansible("#!/bin/sh\n").left[0]
    assert "is a template" in ansible("a ansible_host='{{ ip }}'\n").left[0]
    assert "the machine on which Ansible runs" in ansible("localhost ansible_connection=local\n").left[0]


def test_ansible_variables_beside_the_inventory() -> None:
    files = Files(
        {
            "/a/hosts": "[web]\nw1.example.com\nw2\n[db]\nd1 ansible_port=1\n",
            "/a/group_vars/all.yml": "ansible_user: deploy\nntp: x\n",
            "/a/group_vars/web": "---\nansible_ssh_common_args: -J gate\npw: !vault |\n  $ANSIBLE_VAULT;1.1\n",
            "/a/group_vars/db/main.yml": "ansible_port: 2200\nansible_host: '{{ x }}.lan'\n",
            "/a/group_vars/db/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n3733\n",
            "/a/group_vars/gone.yml": "ansible_user: x\n",
            "/a/host_vars/w1.example.com": "ansible_host: 192.0.2.1\nansible_password: !vault |\n  $ANSIBLE_VAULT;1.1\n",
        }
    )
    found = settle(read_ansible("/a", files.read, files.listed, is_folder=True))
    nodes = fleet_of(found).nodes
    assert nodes["w1.example.com"].addresses == ("192.0.2.1",)
    assert {name: (node.user, node.port, node.jump) for name, node in nodes.items()} == {
        "w1.example.com": ("deploy", None, "gate"),
        "w2": ("deploy", None, "gate"),
        "d1": ("deploy", 1, None),
    }
    assert sorted(found.left) == [
        "/a/group_vars/all.yml: ntp: stay there, for playbooks",
        "/a/group_vars/db/vault.yml: is encrypted by ansible-vault",
        "/a/group_vars/gone.yml: there is no group 'gone' in the inventory",
        "/a/group_vars/web: pw: stay there, for playbooks",
        "/a/hosts:2: ansible_password of w1.example.com: secrets do not belong into a fleet file",
        "/a/hosts:5: ansible_host of d1 is a template: {{ x }}.lan",
    ]


def test_ansible_vaults_in_yaml_hide_a_value_and_not_the_file() -> None:
    found = ansible(
        YAML.replace("ansible_password: secret", "token: !vault x, who: !unsafe '{{ me }}'"), "h.yml"
    )
    assert fleet_of(found).nodes["gw"].variables["who"] == "{{ me }}"
    assert [line for line in found.left if "tag" in line or "!vault" in line] == []
    inline = "all:\n  hosts:\n    a:\n      port_key: !vault |\n        $ANSIBLE_VAULT;1.1\n        33\n"
    hidden = ansible(inline, "h.yml")
    assert list(hidden.nodes) == ["a"]
    assert hidden.left == ["/a/h.yml:3: port_key of a: secrets do not belong into a fleet file"]


def test_unconverted_settings_of_a_group_are_one_line() -> None:
    found = ansible("[web]\nw[1:40]\n[web:vars]\nansible_become=yes\n")
    assert found.left == ["/a/inventory:2: ansible_become of w1 and 39 more: yes"]


@pytest.mark.parametrize(
    ("arguments", "jump", "everything"),
    [
        ("-J gate", "gate", True),
        ("-Jme@gate:22", "me@gate:22", True),
        ("-o ProxyJump=a,b", "a,b", True),
        ("-oProxyJump=gate -o ForwardAgent=yes", "gate", False),
        ("-o 'ProxyJump gate'", "gate", True),
        ("""-o ProxyCommand="ssh -W %h:%p -q me@gate" """, "me@gate", True),
        ("""-o 'ProxyCommand=ssh -q -W "[%h]:%p" -p 2222 -l me gate'""", "me@gate:2222", True),
        ("""-o ProxyCommand="ssh -i key -W %h:%p gate" """, "gate", False),
        ("""-o ProxyCommand="nc -x proxy %h %p" """, "", False),
        ("""-o ProxyCommand="ssh gate nc %h %p" """, "", False),
        ("-o StrictHostKeyChecking=no", "", False),
        ("-o 'unclosed", "", False),
        ("", "", True),
    ],
)
def test_ansible_ways_through_a_jump_host(arguments: str, jump: str, everything: bool) -> None:
    assert jump_of(arguments) == (jump, everything)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a[1:3]", ["a1", "a2", "a3"]),
        ("a[08:10]b", ["a08b", "a09b", "a10b"]),
        ("a[0:4:2]", ["a0", "a2", "a4"]),
        ("a[x:z]", ["ax", "ay", "az"]),
        ("a[1:2]-[a:b]", ["a1-a", "a1-b", "a2-a", "a2-b"]),
        ("a[3:1]", ["a[3:1]"]),
        ("a[1:99999999999]", ["a[1:99999999999]"]),
        ("plain", ["plain"]),
    ],
)
def test_ansible_ranges(pattern: str, names: list[str]) -> None:
    assert expand(pattern) == names


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
        "again: address 10.0.0.1 already belongs to web",
    ]


# ---- ClusterShell ----


def test_clustershell() -> None:
    found = clustershell(
        {
            "groups.conf": "[Main]\ndefault: local\n[slurm]\nmap: sinfo -p $GROUP\n",
            "groups.d/local.cfg": "# a comment\noss: example[4-5]\nmds: example6\nio: @oss,@mds\nnot: @io!example5\nall: example[4-6,32-159]\nbroken\n",
            "groups.d/roles.yaml": "roles:\n  adm: 'mgmt[1-2]'\n  up: '@adm,@local:oss'\n  a: '@b'\n  b: '@a'\n  l: [x1, x2]\n",
        }
    )
    fleet = fleet_of(found)
    assert len(fleet.nodes) == 3 + 128 + 2 + 2
    assert fleet.groups["io"] == ("example4", "example5", "example6")
    assert fleet.groups["not"] == ("example4", "example6")
    assert fleet.groups["roles-up"] == ("example4", "example5", "mgmt1", "mgmt2")
    assert found.groups["io"] == ["@oss", "@mds"]
    assert "  example[4-6,32-159]:\n" in text_of(found, "x")
    assert found.left == [
        "/cs/groups.conf [slurm]: asks a program (map: sinfo -p $GROUP); put its answer into a groups file",
        "/cs/groups.d/local.cfg:7: 'broken' is no 'group: nodes'",
        "@roles:a: goes round in a circle",
        "@roles:b: goes round in a circle",
        "@local:all: held 131 of the nodes; here @all is every node",
    ]


def test_clustershell_groups_mean_what_nodeset_says() -> None:
    from ClusterShell.NodeSet import NodeSet
    from ClusterShell.NodeUtils import GroupResolver, GroupSource

    groups = {"a": "n[1-9]", "b": "@a!n[3-5]", "c": "@a&@b,x[01-03]", "d": "@c^n1", "all": "n[1-9],x[01-03]"}
    fleet = fleet_of(clustershell({"groups": "".join(f"{name}: {text}\n" for name, text in groups.items())}))
    resolver = GroupResolver(GroupSource("local", groups, groups["all"]))
    for name in groups:
        assert set(fleet.groups[name]) == set(NodeSet(f"@{name}", resolver=resolver))


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


def test_a_range_without_end_is_listed_and_not_spelled_out() -> None:
    found = clustershell({"groups": "web: node[1-9999999999]\nboth: @web,x1\n"})
    assert set(found.nodes) == {"x1"}
    assert "has more nodes than fit (node[1-9999999999])" in found.left[0]


def test_missing_groups_are_listed() -> None:
    found = clustershell({"groups": "all: n[1-3]\nweb: n1,@gone\nboth: @web,@local:x,@all!@web,@n[1-2]\n"})
    assert found.left == [
        "@local:web: names a group that is not there, which has no nodes: @gone",
        "@local:both: names a group that is not there, which has no nodes: @local:x",
    ]


def test_a_variable_name_beyond_yaml_is_listed() -> None:
    found = ansible(f"crtr {'a' * 3000}=1 b=2\n")
    assert fleet_of(found).nodes["crtr"].variables == {"b": 2}
    assert "a name which YAML cannot keep" in found.left[0]


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


@settings(max_examples=100, deadline=None)
@given(
    lines | indented, st.sampled_from(["ssh", "ini", "yaml", "hosts", "flat", "groups.yaml", "groups.conf"])
)
def test_any_text_makes_a_valid_fleet_or_an_error(text: str, kind: str) -> None:
    makers: dict[str, Any] = {
        "ssh": lambda: ssh(text),
        "ini": lambda: ansible(text),
        "yaml": lambda: ansible(text, "x.yml"),
        "hosts": lambda: hosts(text),
        "flat": lambda: clustershell({"groups": text}),
        "groups.yaml": lambda: clustershell({"g.yaml": text}, "/cs/g.yaml"),
        "groups.conf": lambda: clustershell({"groups.conf": text}, "/cs/groups.conf"),
    }
    found = makers[kind]()
    if found.nodes:
        fleet_of(found)


def test_characters_beyond_the_basic_plane_come_back() -> None:
    assert fleet_of(ansible("gw rack='\U0001f4a9\\ud83d'\n")).nodes["gw"].variables == {
        "rack": "\U0001f4a9\\ud83d"
    }
