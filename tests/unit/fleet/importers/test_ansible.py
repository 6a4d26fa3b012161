# ruff: noqa: E501 - other tools' files, and what becomes of them
"""Ansible's inventories: what is carried over and what is listed as left, with Ansible as the judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.importers.ansible import read_ansible, read_inventory
from stentor.fleet.importers.ansible_data import expand, hosts_of
from stentor.fleet.importers.ansible_ssh import way_of
from stentor.fleet.importers.ansible_yaml import VAULT
from stentor.fleet.importers.found import settle
from stentor.fleet.importers.open import read_listed, read_text
from stentor.fleet.importers.write import text_of
from tests.ansible_judge import Judge
from tests.importing import Files, ansible, fleet_of, import_from, written

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
        "/a/inventory:8: group b in group b goes round in a circle; Ansible reads nothing after it in that file",
        "group up: is called 'up-nodes' here",
        "group a: is called 'a-nodes' here",
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
    way = way_of("node", {"ansible_ssh_common_args": arguments})
    assert (way.jump, not way.rest) == (jump, everything)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a[1:3]", ["a1", "a2", "a3"]),
        ("a[08:10]b", ["a08b", "a09b", "a10b"]),
        ("a[0:4:2]", ["a0", "a2", "a4"]),
        ("a[x:z]", ["ax", "ay", "az"]),
        ("a[1:2]-[a:b]", ["a1-a", "a1-b", "a2-a", "a2-b"]),
        ("a[3:1]", []),
        ("w[:3]", ["w0", "w1", "w2", "w3"]),
        ("n[x:C]", ["nx", "ny", "nz", "nA", "nB", "nC"]),
        ("plain", ["plain"]),
    ],
)
def test_ansible_ranges(pattern: str, names: list[str]) -> None:
    assert expand(pattern) == names


def test_a_variable_name_beyond_yaml_is_listed() -> None:
    found = ansible(f"crtr {'a' * 3000}=1 b=2\n")
    assert fleet_of(found).nodes["crtr"].variables == {"b": 2}
    assert "a name which YAML cannot keep" in found.left[0]


# ---- Ansible is the judge ----


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    made = Judge(tmp_path_factory.mktemp("judge"))
    yield made
    made.close()


def agrees(judge: Judge, path: Path) -> dict[str, Any]:
    """Compare each host's variables and each group's hosts; what Ansible made of the inventory."""
    theirs = judge.read(path)
    ours = read_inventory(str(path), read_text, read_listed, is_folder=path.is_dir())
    if "error" in theirs:  # it refuses the whole of it
        return theirs
    assert {name: vaulted(held) for name, held in ours.effective().items()} == {
        name: vaulted(held) for name, held in theirs["hosts"].items()
    }
    if ours.complete:
        assert {group: sorted(ours.all_hosts(group)) for group in ours.members} == theirs["groups"]
    return theirs


def vaulted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: vaulted(inner) for key, inner in value.items()}
    return VAULT if isinstance(value, str) and value.startswith(VAULT) else value


# Each what somebody once reported of Ansible or of us, with what Ansible makes of it.
CASES: dict[str, tuple[dict[str, str], str, dict[str, Any]]] = {
    "files of group_vars beat the inventory's own variables, also those of a group above": (
        {"hosts": "[web]\nh1 ansible_host=10.0.0.1\n[web:vars]\nansible_user=from_web_vars\n", "group_vars/all.yml": "ansible_user: from_group_vars_all\n"},
        ".",
        {"h1": {"ansible_host": "10.0.0.1", "ansible_user": "from_group_vars_all"}},
    ),
    "a folder: backups, notes and endings that are not read, folders that are": (
        {
            "hosts": "[web]\nw1\n", "hosts.orig": "old1\n", "hosts.bak": "old2\n", "hosts~": "old3\n", ".hidden": "old4\n", "notes.txt": "old5\n", "a.rst": "old6\n",
            "README.md": "old7\n", "site.retry": "old8\n", "a.cfg": "old9\n", "10-more.ini": "[web]\nw3 ansible_user=late\n[web:vars]\nk=ini2\n", "prod/hosts": "[sub]\nsub1\n",
            "prod/group_vars/sub": "ansible_user: nobody\n", "z.toml": '[t.hosts]\nt1 = {}\nt2 = { ansible_port = 2200 }\n[t.vars]\nk = "v"\n',
            "group_vars/web/main.yml": "ansible_user: webuser\n", "group_vars/web/main.yml.bak": "ansible_user: bad\n", "group_vars/web/zz.yml~": "ansible_user: bad\n",
            "group_vars/web/.zz.yml": "ansible_user: bad\n", "group_vars/web/port": "ansible_port: 2222\n", "group_vars/web/deep/er/x.json": '{"deep": 1}', "group_vars/web/no.d/x": "deep: 2\n",
            "group_vars/web.yml": "ansible_user: bad\n", "host_vars/w1": "ansible_host: 10.0.0.1\n", "host_vars/w3.json": '{"ansible_host": "10.0.0.3"}',
        },
        ".",
        {
            "w3": {"ansible_user": "webuser", "k": "ini2", "ansible_port": 2222, "deep": 1, "ansible_host": "10.0.0.3"} | {"ansible_user": "late"},
            "w1": {"ansible_user": "webuser", "k": "ini2", "ansible_port": 2222, "deep": 1, "ansible_host": "10.0.0.1"},
            "sub1": {}, "t1": {"k": "v"}, "t2": {"k": "v", "ansible_port": 2200},
        },
    ),
    "a section of hosts by its whole name": ({"hosts": "[web:hosts]\nw1\nw2\n[db]\nd1\n"}, "hosts", {"w1": {}, "w2": {}, "d1": {}}),
    "one name as a text where a mapping may be": (
        {"inv.yml": "all:\n  hosts: db1\n  children: {web: {hosts: w1, vars: {a: 1}}}\nb:\n  children: web\n"}, "inv.yml", {"db1": {}, "w1": {"a": 1}},
    ),
    "ranges without a beginning, and over both cases of letters": (
        {"hosts": "w[:1]\nn[y:B]\nok[01:03:2]\n"}, "hosts", {name: {} for name in ("w0", "w1", "ny", "nz", "nA", "nB", "ok01", "ok03")},
    ),
    "ports in names": (
        {"hosts": "a:22\n[::1]:23\nb[1:2]:24 ansible_port=5\n_c:25\n10.0.0.1:26\nd-:27\n"}, "hosts",
        {"a": {"ansible_port": 22}, "::1": {"ansible_port": 23}, "b1": {"ansible_port": 5}, "b2": {"ansible_port": 5}, "_c": {"ansible_port": 25}, "10.0.0.1": {"ansible_port": 26}, "d-:27": {}},
    ),
    "values in INI are Python's where they can be": (
        {"hosts": "h a=1 b='[\"x\", 2]' c=yes d=0123 e=(1,2) f=None g='a b' i=x#y # end\n[all:vars]\nj = 5 # five\nk=a # b\nl=True\nm=\n"}, "hosts",
        {"h": {"a": 1, "b": ["x", 2], "c": "yes", "d": "0123", "e": [1, 2], "f": None, "g": "a b", "i": "x", "j": 5, "k": "a # b", "l": True, "m": ""}},
    ),
    "values in YAML are those of YAML 1.1": (
        {"h.yml": "g: {hosts: {h: {a: yes, b: 0644, c: 1:30, d: 2001-01-01, e: 'no', f: 0o17, g: 1_0, i: !unsafe '{{ x }}', j: ~, k: .5, l: off, m: 1e3}}}\n"}, "h.yml",
        {"h": {"a": True, "b": 420, "c": 90, "d": "2001-01-01", "e": "no", "f": "0o17", "g": 10, "i": "{{ x }}", "j": None, "k": 0.5, "l": False, "m": "1e3"}},
    ),
    "the last of two equal keys, anchors and merged mappings": (
        {"h.yml": "g:\n  vars: {a: 1, a: 2}\n  hosts:\n    h: &x {b: 1, c: 1}\n    i: {<<: *x, b: 2}\n"}, "h.yml", {"h": {"a": 2, "b": 1, "c": 1}, "i": {"a": 2, "b": 2, "c": 1}},
    ),
    "nearer groups, priorities, and the alphabet": (
        {"hosts": "[b]\nh\n[a]\nh\n[c:children]\nb\n[a:vars]\nx=a\ny=a\n[b:vars]\nx=b\nz=b\n[c:vars]\nx=c\ny=c\nz=c\n[all:vars]\nx=all\nw=all\n[d]\nh\n[d:vars]\nx=d\nansible_group_priority=10\n[e]\nh\n[e:vars]\nx=e\n"}, "hosts",
        {"h": {"x": "b", "y": "c", "z": "b", "w": "all"}},
    ),
    "group_vars of hosts in no group": ({"hosts": "a\n[g]\nb\n", "group_vars/ungrouped": "x: 1\n", "group_vars/all/a.yml": "x: 2\ny: 2\n"}, ".", {"a": {"x": 1, "y": 2}, "b": {"x": 2, "y": 2}}),
    "a host with the name of a group": ({"hosts": "[web]\nweb x=1\nb\n"}, "hosts", {"web": {"x": 1}, "b": {"x": 1}}),
    "nothing is read after a line that is wrong": (
        {"hosts": "[g]\na\nb noequals\nc\n", "m.yml": "g: {hosts: {d: }}\nh: {hosts: [e]}\ni: {hosts: {f: }}\n"}, ".", {"a": {}, "d": {}},
    ),
    "groups that come later or never": ({"hosts": "[p:children]\nlater\nnever\n[q:vars]\nx=1\n[later]\na\n[p:vars]\ny=2\n"}, "hosts", {"a": {"y": 2}}),
    "JSON, and an ending that makes YAML INI": ({"a.json": '{"g": {"hosts": {"j": {"x": true}}}}', "b.prod": "[g]\ni x=True\n"}, ".", {"j": {"x": True}, "i": {"x": True}}),
    "a file that is INI and says that it is YAML": (
        {"h.yml": "[web]\nw[1:2] x=1\n[site:children]\nweb\n", "i.yaml": "i\nj\n", "k.json": "[g]\nk\nl noequals\nm\n", "n.yml": "a:\n  b: c\n d: e\n"}, ".",
        {"w1": {"x": 1}, "w2": {"x": 1}, "i": {}, "j": {}, "k": {}},
    ),
    "a file that is YAML without saying so": ({"inv": "g:\n  hosts:\n    a: {x: 1}\n    b:\n"}, "inv", {"a": {"x": 1}, "b": {}}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_ansible_reads_the_same(name: str, tmp_path: Path, judge: Judge) -> None:
    files, path, hosts = CASES[name]
    assert agrees(judge, written(tmp_path, files) / path)["hosts"] == hosts


def test_the_list_that_a_program_prints_is_named() -> None:
    found = ansible(
        '{"_meta": {"hostvars": {}}, "all": {"children": ["web"]}, "web": {"hosts": ["w1"]}}', "h.json"
    )
    assert found.nodes == {}
    assert found.left[0].startswith(
        "/a/h.json: is what 'ansible-inventory --list' prints, which is no inventory"
    )


def test_files_beside_the_playbooks_count_as_to_a_play(tmp_path: Path, judge: Judge) -> None:
    written(
        tmp_path,
        {
            "ansible.cfg": "[defaults]\n",
            "site.yml": "[]\n",
            "inventories/prod/hosts": "[web]\nw1 f=own g=own\nw2\n[web:vars]\nansible_user=inline\na=inline\n",
            "inventories/prod/group_vars/all.yml": "a: all\nb: all\nc: all\n",
            "inventories/prod/group_vars/web.yml": "c: web\nd: web\n",
            "inventories/prod/host_vars/w1.yml": "g: beside\nh: beside\n",
            "group_vars/all.yml": "ansible_user: deploy\nb: play\nc: play\nd: play\n",
            "group_vars/web/x.yml": "e: play\nansible_port: 2222\n",
            "group_vars/other.yml": "ansible_user: nobody\n",
            "host_vars/w1.yml": "h: play\nf: play\n",
        },
    )
    path = tmp_path / "inventories/prod/hosts"
    theirs = judge.read(path, tmp_path)["hosts"]
    ours = read_inventory(str(path), read_text, read_listed, is_folder=False, playbooks=str(tmp_path))
    assert ours.effective() == theirs
    assert theirs["w1"] | {"ansible_user": "deploy", "f": "play", "h": "play", "c": "web"} == theirs["w1"]
    found = import_from("ansible", str(path), {"HOME": str(tmp_path / "none")})
    assert {name: (node.user, node.port) for name, node in fleet_of(found).nodes.items()} == {
        "w1": ("deploy", 2222),
        "w2": ("deploy", 2222),
    }
    assert [line for line in found.left if "other" in line] == []


@pytest.mark.parametrize(("here", "user"), [(".", "deploy"), ("..", None), ("inventory", None)])
def test_without_a_configuration_playbooks_are_where_one_is(
    here: str, user: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    written(folder, {"inventory/hosts": "w1\n", "group_vars/all.yml": "ansible_user: deploy\n"})
    monkeypatch.chdir(folder / here)
    found = import_from("ansible", str(folder / "inventory/hosts"), {"HOME": str(tmp_path / "none")})
    assert fleet_of(found).nodes["w1"].user == user


VALUES = st.sampled_from(["1", "x", "'a b'", "yes", "[1]", "10.0.0.1", '"q"', "a=b", ""])
KEYS = st.sampled_from(["ansible_host", "ansible_user", "k", "l", "ansible_group_priority"])
GROUPS = st.sampled_from(["all", "ungrouped", "a", "b", "c", "d"])
# Ansible refuses the whole inventory where a group holds 'all', and puts hosts of a group that holds
# 'ungrouped' into no group at all, not even into 'all'; we name the first and pass over the second.
PARENTS, CHILDREN = st.sampled_from(["all", "a", "b", "c", "d"]), st.sampled_from(["a", "b", "c", "d"])
PATTERNS = st.sampled_from(
    [
        "h",
        "i",
        "a",
        "n[1:3]",
        "n[01:03]",
        "p:22",
        "[x:z]",
        "q[2:1]",
        "r[1:2][a:b]",
        "w[:2]",
        "10.0.0.1",
        "[::1]:5",
    ]
)
LINES = st.one_of(
    st.builds("[{}]".format, GROUPS),
    st.builds("[{}:children]\n{}".format, PARENTS, CHILDREN),
    st.builds("[{}:vars]\n{}={}".format, GROUPS, KEYS.filter(lambda key: "priority" not in key), VALUES),
    st.builds("[{}:vars]\nansible_group_priority={}".format, GROUPS, st.integers(0, 3)),
    PATTERNS,
    st.builds("{} {}={}".format, PATTERNS, KEYS.filter(lambda key: "priority" not in key), VALUES),
    st.sampled_from(
        ["# c", "; c", "", "[a b]", "h noequals", "[a:other]", "x[", "h:", "[c]  # c", "-", "[a]x"]
    ),
)


@example("[a]\nh\n[a b]", {"all": {"ansible_host": 0}, "a": {"ansible_host": 1}})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(LINES, max_size=10).map("\n".join),
    st.dictionaries(
        GROUPS | st.just("h"),
        st.dictionaries(KEYS.filter(lambda key: "priority" not in key), st.integers(0, 9)),
    ),
)
def test_any_inventory_in_ini_is_read_the_same(
    judge: Judge, tmp_path_factory: pytest.TempPathFactory, text: str, beside: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("inventory")
    written(
        folder,
        {"hosts.ini": text}
        | {f"group_vars/{name}.yml": str(said) for name, said in beside.items()}
        | {f"host_vars/{name}": str(said) for name, said in beside.items()},
    )
    agrees(judge, folder)


HOSTS = st.sampled_from(["h", 5, {"h": None}, {"n[1:2]": {"k": 1}}, {"k": True}, {"h": 3}])
PARTS = st.dictionaries(st.sampled_from(["hosts", "vars", "x"]), st.none() | HOSTS, max_size=2)
TREES = st.recursive(
    st.none() | PARTS,
    lambda inner: st.builds(
        lambda parts, held: {**(parts or {}), "children": held},
        PARTS,
        st.dictionaries(CHILDREN, inner, max_size=2),
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(PARENTS, TREES, min_size=1, max_size=3), st.none() | PARTS)
def test_any_inventory_in_yaml_is_read_the_same(
    judge: Judge, tmp_path_factory: pytest.TempPathFactory, tree: Any, lone: Any
) -> None:
    import yaml

    folder = tmp_path_factory.mktemp("inventory")
    agrees(
        judge,
        written(folder, {"hosts.yml": yaml.safe_dump(tree | {"ungrouped": lone}, sort_keys=False)})
        / "hosts.yml",
    )


# ---- what is left, and what is no node ----


def test_faults_are_those_of_the_form_which_the_name_says() -> None:
    with_colon = ansible("web:\n  hosts:\n    a: {x: 1\n", "hosts.yml")
    assert with_colon.left == ["/a/hosts.yml:4:1: did not find expected ',' or '}'"]
    assert ansible("- web\n", "hosts.yml").left == ["/a/hosts.yml: is no inventory"]


def test_the_ssh_names_of_variables_win_wherever_they_are() -> None:
    found = ansible(
        "[all:vars]\nansible_ssh_user=vagrant\nansible_ssh_port=2222\n[web]\nh1 ansible_user=deploy ansible_port=22\nh2 ansible_ssh_user=a ansible_user=b\n"
        "h3 ansible_user=a ansible_ssh_user=b\nh4 ansible_host=10.0.0.4 ansible_ssh_host=10.0.0.44\nh5 ansible_ssh_host=10.0.0.55 ansible_host=10.0.0.5\n"
    )
    assert {name: (node.user, node.port, *node.addresses) for name, node in fleet_of(found).nodes.items()} == {
        "h1": ("vagrant", 2222), "h2": ("a", 2222), "h3": ("b", 2222), "h4": ("vagrant", 2222, "10.0.0.44"), "h5": ("vagrant", 2222, "10.0.0.55"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["hosts", "hosts.yml", "hosts.ini"])
def test_an_encrypted_inventory_is_named(name: str, tmp_path: Path) -> None:
    path = (
        written(
            tmp_path,
            {
                name: "$ANSIBLE_VAULT;1.1;AES256\n37623538383535643630333966663831383666323466353462633539303130353335643039393339\n"
            },
        )
        / name
    )
    with pytest.raises(FleetError, match="is encrypted by ansible-vault") as raised:
        import_from("ansible", str(path), {})
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "connection",
    [
        "winrm",
        "psrp",
        "docker",
        "community.docker.docker",
        "local",
        "ansible.netcommon.network_cli",
        "kubectl",
    ],
)
def test_what_is_not_reached_by_ssh_is_no_node(connection: str) -> None:
    found = ansible(
        f"[a]\na1\n[win]\nw[1:40]\n[win:vars]\nansible_connection={connection}\nansible_password=x\n"
    )
    assert list(fleet_of(found).nodes) == ["a1"]
    why = (
        "the machine on which Ansible runs"
        if connection == "local"
        else f"not reached by ssh, but by {connection}"
    )
    assert found.left == [
        f"/a/inventory:4: w1 and 39 more is {why}",
        "group win: w1, w2 and 38 more are no nodes that were carried over",
    ]


@pytest.mark.parametrize(
    "connection", ["ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.legacy.ssh"]
)
def test_what_is_reached_by_ssh_is_a_node(connection: str) -> None:
    found = ansible(f"a1 ansible_connection={connection}\n")
    assert (list(found.nodes), found.left) == (["a1"], [])


def test_a_variable_that_names_variables_is_written_out() -> None:
    found = ansible(
        "h1.lan ansible_host='{{ ip }}' ip='10.0.0.{{ n }}' n=4 ansible_user='{{ inventory_hostname_short }}'\nh2 ansible_host='{{ lookup(1) }}'\nh3 ansible_host='{{ inventory_hostname }}.lan'\nh4 ansible_host='{{ a }}' a='{{ a }}'\n"
    )
    nodes = fleet_of(found).nodes
    assert {name: node.addresses for name, node in nodes.items()} == {
        "h1.lan": ("10.0.0.4",),
        "h2": (),
        "h3": ("h3.lan",),
        "h4": (),
    }
    assert nodes["h1.lan"].user == "h1"
    assert found.left == [
        "/a/inventory:2: ansible_host of h2 is a template: {{ lookup(1) }}",
        "/a/inventory:4: ansible_host of h4 is a template: {{ a }}",
    ]


def test_a_variable_that_files_change_has_the_files_value() -> None:
    found = ansible(
        "[web]\nh1 own=1\n[web:vars]\nrack=5\n",
        **{"group_vars/web": "rack: 6\nfurther: 7\n", "host_vars/h1": "own: 2\n"},
    )
    assert fleet_of(found).nodes["h1"].variables == {"rack": 6, "own": 2}


def test_more_hosts_than_one_pattern_may_name_are_a_fleet() -> None:
    assert len(fleet_of(ansible("node[1:12000]\n")).nodes) == 12_000
    assert ansible("node[1:3]\nbad[1:20001]\nz\n").left == [
        "/a/inventory:2: 'bad[1:20001]' stands for more than 20000 hosts"
    ]


@pytest.mark.parametrize(
    "pattern", ["a[1-3]", "a[1:2", "a[:]", "a[01:3]", "a[1:2:0]", "a[c:a]", "[2001:db8::2]", "a[1:x]"]
)
def test_ranges_which_ansible_refuses(pattern: str) -> None:
    with pytest.raises(ValueError):
        hosts_of(pattern)


def test_a_file_that_is_no_text_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    written(tmp_path, {"a": "h1\n"})
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "c").write_bytes(b"# caf\xe9\nh2\n")
    found = import_from("ansible", str(tmp_path), {})
    assert list(found.nodes) == ["h1", "h2"]
    assert found.left == [f"{tmp_path}/b: is not text in UTF-8"]


def test_a_folder_whose_name_is_a_pattern_is_read(tmp_path: Path) -> None:
    written(tmp_path / "a[b]*", {"hosts": "h1\n", "host_vars/h1": "ansible_user: me\n"})
    assert import_from("ansible", str(tmp_path / "a[b]*"), {}).nodes == {"h1": {"user": "me"}}


def test_reason_without_nodes_is_that_of_the_hosts(tmp_path: Path) -> None:
    files = {"hosts": "a ansible_connection=local\n", "group_vars/all": "x: 1\n"}
    with pytest.raises(FleetError, match=r"no nodes in it \(.*:1: a is the machine on which Ansible runs\)"):
        import_from("ansible", str(written(tmp_path, files) / "hosts"), {"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("config", "environ", "user", "left"),
    [
        ("[defaults]\nremote_user=root\n", {}, "root", []),
        ("[defaults]\nremote_user=root\n", {"ANSIBLE_REMOTE_USER": "pi"}, "pi", []),
        ("[defaults]\nremote_user=root\n", {"ANSIBLE_CONFIG": "/nonexistent"}, "root", []),
        (
            "[defaults\nremote_user=root\n",
            {},
            None,
            ["/ansible.cfg: is no configuration of Ansible's: File "],
        ),
        (
            "[defaults]\nremote_user='{{ x }}'\n",
            {},
            None,
            ["/ansible.cfg: ansible_user of a is a template: "],
        ),
    ],
)
def test_ansible_cfg(
    tmp_path: Path, config: str, environ: dict[str, str], user: str | None, left: list[str]
) -> None:
    written(tmp_path, {"hosts": "a\n", "ansible.cfg": config})
    found = import_from("ansible", str(tmp_path / "hosts"), {"HOME": str(tmp_path), **environ})
    assert found.nodes["a"].get("user") == user
    assert len(found.left) == len(left)
    assert all(start in line for start, line in zip(left, found.left, strict=True))


def test_hosts_behind_other_ways_to_one_address_are_two_machines() -> None:
    found = ansible(
        """\
[home]
h ansible_host=192.168.0.3 ansible_ssh_common_args='-o ProxyCommand="nc -X 5 -x proxy1 %h %p"'
[office]
o ansible_host=192.168.0.3 ansible_ssh_common_args='-o ProxyCommand="nc -X 5 -x proxy2 %h %p"'
[keys]
k1 ansible_host=192.168.0.5 ansible_ssh_extra_args='-o HostKeyAlias=one'
k2 ansible_host=192.168.0.5 ansible_ssh_extra_args='-o HostKeyAlias=two'
k3 ansible_host=192.168.0.5 ansible_ssh_extra_args='-o HostKeyAlias=two'
k4 ansible_host=192.168.0.5 ansible_user="{{ lookup('env', 'A') }}"
[same]
s1 ansible_host=192.168.0.6
s2 ansible_host=192.168.0.6 ansible_ssh_common_args='-o StrictHostKeyChecking=no'
"""
    )
    fleet = fleet_of(found)
    groups = {"home": ("h",), "office": ("o",), "keys": ("k1", "k2", "k4"), "same": ("s1",)}
    assert {name: fleet.groups[name] for name in groups} == groups
    assert {name: node.addresses for name, node in fleet.nodes.items() if node.addresses} == {
        "k1": ("192.168.0.5",), "s1": ("192.168.0.6",),
    }  # fmt: skip
    left = "\n".join(found.left)
    assert "/a/inventory:2: address 192.168.0.3 of h is left out: the ProxyCommand to it is not" in left
    assert "k2: address 192.168.0.5 is left out; k1 has it, and what tells them apart is not" in left
    assert "k3: address 192.168.0.5 already belongs to k2, with the same port, user and jump host" in left
