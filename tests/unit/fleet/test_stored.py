"""Nodes and groups which are looked up in bytes equal the dictionaries they were made from."""

from __future__ import annotations

import pytest

from stentor.fleet import stored
from stentor.fleet.model import Fleet, Node
from stentor.fleet.select import local_alias, select
from stentor.fleet.stored import Groups, Nodes

NODES = {
    node.alias: node
    for node in (
        Node(
            "gw", "gateway.lan", ("10.0.0.1", "10.0.0.2"), role="gateway", variables={"rack": [1, {"u": 2.5}]}
        ),
        Node("a", "a"),
        Node("a.b", "Worker.", jump="gw", state="down"),
        Node("ab", "worker.lan", port=2222, requires=("git",)),
    )
}
GROUPS = {"all": tuple(NODES), "some": ("a", "ab"), "none": (), "others": ("gw",)}


def kept(nodes: dict[str, Node]) -> Nodes:
    return Nodes(*Nodes.store(nodes))


def many(count: int) -> dict[str, Node]:
    return {f"n{number}": Node(f"n{number}", f"n{number}.lan") for number in range(count)}


def test_nodes_come_back_in_their_order() -> None:
    nodes = kept(NODES)
    assert nodes == NODES
    assert list(nodes) == list(NODES)
    assert list(nodes.values()) == list(NODES.values())
    assert len(nodes) == len(NODES)


@pytest.mark.parametrize("count", [0, 1, 2, stored._FEW + 5])
def test_every_node_is_found_by_its_alias(count: int) -> None:
    nodes = many(count)
    held = kept(nodes)
    assert [held[alias] for alias in nodes] == list(nodes.values())


@pytest.mark.parametrize("alias", ["", "g", "w", "gateway.lan", "gw\na", "\n", "gw\n", "ü", "\udc80", "a\0"])
def test_an_unknown_alias_is_not_found(alias: str) -> None:
    nodes = kept(NODES)
    assert alias not in nodes
    assert nodes.get(alias) is None
    with pytest.raises(KeyError):
        nodes[alias]


def test_one_lookup_decodes_one_node() -> None:
    nodes = kept(many(1000))
    fleet = Fleet("/fleet", nodes, Groups(nodes, *Groups.store({"all": tuple(nodes)}, tuple(nodes))))
    nodes._order = None
    assert [node.alias for node in select(fleet, "n7")] == ["n7"]
    assert local_alias(fleet, "n9.lan") == "n9"
    assert list(nodes._decoded) == ["n7"]
    assert nodes._order is None


@pytest.mark.parametrize(
    "hostname",
    ["gw", "GW.example", "gateway", "a", "a.b", "worker", "worker.lan", "WORKER.", "", ".", "wor", "ä"],
)
def test_this_machine_is_recognised_as_in_a_dictionary(hostname: str) -> None:
    fleet = Fleet("/fleet", NODES, GROUPS)
    assert local_alias(fleet._replace(nodes=kept(NODES)), hostname) == local_alias(fleet, hostname)


def test_full_names_lead_to_aliases() -> None:
    assert kept(NODES).full_names() == {node.name: alias for alias, node in NODES.items()}


def test_nodes_are_described_without_decoding_them() -> None:
    nodes = kept(NODES)
    assert list(nodes.described()) == [(node.alias, node.name, node.role or "") for node in NODES.values()]
    assert not nodes._decoded


def test_groups_come_back() -> None:
    nodes = kept(NODES)
    groups = Groups(nodes, *Groups.store(GROUPS, tuple(NODES)))
    assert groups == GROUPS
    assert list(groups) == list(GROUPS)
    assert len(groups) == len(GROUPS)
    assert "some" in groups
    assert "other" not in groups


def test_data_that_is_not_plain_is_refused() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        Nodes.store({"a": Node("a", "a", variables={"x": object()})})
