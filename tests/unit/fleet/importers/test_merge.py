# ruff: noqa: E501 - other tools' files
"""Several sources make one fleet; what they say of a node in different ways is named."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import FleetError
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.merge import merge
from stentor.fleet.importers.open import import_all
from stentor.fleet.select import select
from stentor.ssh.target import destination
from tests.importing import fleet_of, written

SSH = """
Host crtr cooperator
  HostName 10.0.0.1
  User me
Host web1
  HostName 10.0.0.11
Host db1
  HostName 10.0.0.21
  Port 2222
  ProxyJump crtr
Host plain
  User me
"""
ANSIBLE = """
[web]
web1.example.com ansible_host=10.0.0.11 rack=5
web2 ansible_host=10.0.0.12
[db]
db1 ansible_host=10.0.0.99
[core]
cooperator ansible_user=root
[other]
plain ansible_host=10.0.0.50 ansible_user=you
10.0.0.13
"""
HOSTS = "10.0.0.12 web2.example.com web2 w2\n10.0.0.13 web3\n10.0.0.98 db1\n"


def test_ssh_config_gives_aliases_and_ansible_gives_groups(tmp_path: Path) -> None:
    written(tmp_path, {"config": SSH, "hosts.ini": ANSIBLE, "hosts": HOSTS})
    sources = [
        ("ssh-config", f"{tmp_path}/config"),
        ("ansible", f"{tmp_path}/hosts.ini"),
        ("hosts", f"{tmp_path}/hosts"),
    ]
    found = import_all(sources, {"HOME": str(tmp_path)})
    fleet = fleet_of(found)
    assert {alias: (node.name, node.addresses, node.user, node.port, node.jump) for alias, node in fleet.nodes.items()} == {
        "crtr": ("cooperator", (), None, None, None),
        "web1": ("web1.example.com", (), None, None, None),
        "db1": ("db1", (), None, None, None),
        "plain": ("plain", (), None, None, None),
        "web2": ("web2.example.com", ("10.0.0.12",), None, None, None),
        "web3": ("web3", ("10.0.0.13",), None, None, None),
    }  # fmt: skip
    assert fleet.nodes["web1"].variables == {"rack": 5}
    assert {name: members for name, members in fleet.groups.items() if name != "all"} == {
        "web": ("web1", "web2"), "db": ("db1",), "core": ("crtr",), "other": ("plain", "web3"),
    }  # fmt: skip
    first, second = (f"{tool} {path}" for tool, path in sources[:2])
    for line in (
        f"db1: address 10.0.0.99 of {second}; 10.0.0.21 of {first} is kept",
        f"cooperator: user root of {second}; me of {first} is kept",
        f"plain: address 10.0.0.50 of {second}; plain of {first} is kept",
        f"plain: user you of {second}; me of {first} is kept",
        f"db1: address 10.0.0.98 of hosts {tmp_path}/hosts; 10.0.0.21 of {first} is kept",
    ):
        assert line in found.left
    # Each node is where plain ssh goes by the name which is typed.
    for alias in ("crtr", "web1", "db1", "plain"):
        ours, plain = (
            subprocess.run(["ssh", "-G", *words], capture_output=True, text=True, check=True).stdout
            for words in (destination(fleet, fleet.nodes[alias]), ["-F", f"{tmp_path}/config", alias])
        )
        assert ours == plain


def test_the_first_source_decides_and_the_others_add(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "a": "[g]\nn1 ansible_host=10.0.0.1 v=1\nn2\n",
            "b": "[g]\nn2 ansible_port=23\nn3\n[h]\nn1 ansible_host=10.0.0.2 v=2 w=3\n",
        },
    )
    found = import_all([("ansible", f"{tmp_path}/a"), ("ansible", f"{tmp_path}/b")], {})
    fleet = fleet_of(found)
    assert (fleet.nodes["n1"].addresses, fleet.nodes["n1"].variables) == (("10.0.0.1",), {"v": 1, "w": 3})
    assert fleet.nodes["n2"].port == 23
    assert fleet.groups == {"all": ("n1", "n2", "n3"), "g": ("n1", "n2", "n3"), "h": ("n1",)}
    assert found.left == [
        f"n1: address 10.0.0.2 of ansible {tmp_path}/b; 10.0.0.1 of ansible {tmp_path}/a is kept",
        f"n1: v 2 of ansible {tmp_path}/b; 1 of ansible {tmp_path}/a is kept",
        f"group g: ansible {tmp_path}/b adds n3 to that of ansible {tmp_path}/a",
    ]


def test_one_address_with_other_logins_or_ways_is_two_nodes(tmp_path: Path) -> None:
    written(tmp_path, {
        "config": "Host a\n HostName 10.0.0.1\n User me\n ProxyJump gate1\nHost b\n HostName 10.0.0.2\n User me\n",
        "hosts.ini": "a2 ansible_host=10.0.0.1 ansible_ssh_common_args='-J gate2'\nb2 ansible_host=10.0.0.2 ansible_user=you\n"
        "a3 ansible_host=10.0.0.1 ansible_ssh_common_args='-J gate1'\nb3 ansible_host=10.0.0.2 ansible_port=23\n",
    })  # fmt: skip
    found = import_all([("ssh-config", f"{tmp_path}/config"), ("ansible", f"{tmp_path}/hosts.ini")], {})
    assert set(fleet_of(found).nodes) == {"a", "b", "a2", "b2", "b3"}


def test_a_source_without_nodes_is_an_error_also_beside_others(tmp_path: Path) -> None:
    written(tmp_path, {"a": "n1\n", "b": ""})
    with pytest.raises(FleetError, match="there are no nodes in it"):
        import_all([("ansible", f"{tmp_path}/a"), ("hosts", f"{tmp_path}/b")], {})


NAMES = st.sampled_from(["a", "b", "a.lan", "b.lan", "10.0.0.1", "c"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "alias": NAMES,
        "address": st.lists(
            st.sampled_from(["10.0.0.1", "10.0.0.2", "a"]), min_size=1, max_size=2, unique=True
        ),
        "user": st.sampled_from(["me", "you"]),
        "port": st.sampled_from([22, 23]),
        "vars": st.dictionaries(st.sampled_from("xy"), st.integers(0, 2)),
    },
)


@st.composite
def sources(draw: st.DrawFn) -> Found:
    found = Found()
    found.nodes = draw(st.dictionaries(NAMES, FIELDS, min_size=1, max_size=4))
    found.groups = draw(st.dictionaries(st.sampled_from("gh"), st.lists(NAMES, max_size=3), max_size=2))
    return found


@given(st.lists(sources(), min_size=2, max_size=3))
def test_any_sources_make_a_fleet_in_which_the_first_is_as_it_was(several: list[Found]) -> None:
    alone = settle(several[0])
    found = settle(merge([(str(number), source) for number, source in enumerate(several)]))
    fleet = fleet_of(found)
    if alone.left or any("already belongs" in line for line in found.left):
        return  # two nodes turned out to be one
    for alias, node in fleet_of(alone).nodes.items():
        if alias != "10.0.0.1":  # which has a name now
            (now,) = select(fleet, alias)
            assert now.addresses == node.addresses or not node.addresses
            assert node.user in (now.user, None)
            assert node.port in (now.port, None)
            assert {**now.variables, **node.variables} == now.variables
