"""Which nodes are reached through gateways, and through which."""

from __future__ import annotations

from typing import Any

from stentor.engines.tree.routes import best, choose_way, gateways_of
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Tree

GATES = [Node(f"gw{number}", "") for number in (1, 2)]
LEAVES = [Node(f"a{number}", "", (f"10.0.0.{number}",), jump="gw1") for number in range(1, 6)]
ODD = Node("b1", "", ("fe80::1",), gateways=("gw2",))
ALONE = Node("c1", "")
NODES = {node.alias: node for node in (*GATES, *LEAVES, ODD, ALONE)}
GROUPS = {"rack": tuple(node.alias for node in LEAVES), "odd": ("a1",)}


def fleet(**tree: Any) -> Fleet:
    return Fleet("/fleet", NODES, GROUPS, policy=Policy(tree=Tree(**tree)))


def test_own_gateways_count_before_those_of_the_group() -> None:
    found = gateways_of(fleet(gateways={"rack": ("gw1", "gw2"), "odd": ("gw2",)}))
    assert found(LEAVES[0]) == ("gw1", "gw2"), "the first of its groups"
    assert found(LEAVES[0]._replace(gateways=("gw2",))) == ("gw2",)
    assert found(ALONE) == ()


def test_auto_takes_the_tree_from_so_many_nodes_on() -> None:
    tree = {"gateways": {"rack": ("gw1",)}}
    few = choose_way(fleet(**tree, least=6), LEAVES)
    assert (few.engine, few.nodes) == ("openssh", {})
    assert few.why == "auto: 5 nodes behind gateways, fewer than tree.least (6)"
    enough = choose_way(fleet(**tree, least=5), LEAVES)
    assert (enough.engine, set(enough.nodes), enough.strict) == ("clustershell", set(GROUPS["rack"]), False)


def test_auto_goes_directly_to_nodes_that_are_warm() -> None:
    some = fleet(gateways={"rack": ("gw1",)}, least=3)
    chosen = choose_way(some, LEAVES, warm=lambda nodes: [node.alias for node in nodes][:2])
    assert set(chosen.nodes) == {"a3", "a4", "a5"}
    said = "auto: 5 nodes behind gateways, 3 of them without a warm connection"
    assert chosen.why == f"{said}, at least tree.least (3)"
    most = choose_way(some, LEAVES, warm=lambda _: ["a1", "a2", "a3"])
    assert (most.engine, most.nodes) == ("openssh", {})
    assert most.why.endswith(", 2 of them without a warm connection, fewer than tree.least (3)")
    others = [node._replace(user="other") for node in LEAVES]
    mine = choose_way(some, others, warm=lambda nodes: [one.alias for one in nodes if one.user != "other"])
    assert len(mine.nodes) == 5, "a connection is that of a login"
    named = choose_way(some, LEAVES, "clustershell", warm=lambda nodes: [node.alias for node in nodes])
    assert len(named.nodes) == 5, "whoever names the engine gets it"


def test_jump_host_is_a_gateway_only_where_the_engine_is_named() -> None:
    assert choose_way(fleet(least=1), LEAVES).nodes == {}
    named = choose_way(fleet(), LEAVES, "clustershell")
    assert named.nodes == {node.alias: ("gw1",) for node in LEAVES}
    assert named.strict
    assert choose_way(fleet(engine="clustershell"), LEAVES, "openssh").nodes == {}


def test_gateways_this_machine_and_names_that_clustershell_cannot_take_go_the_flat_way() -> None:
    nodes = [*LEAVES, ODD, GATES[0]]
    chosen = choose_way(fleet(gateways={"rack": ("gw1",)}), nodes, "clustershell", local="a1")
    assert set(chosen.nodes) == {"a2", "a3", "a4", "a5"}
    both = choose_way(fleet(gateways={"rack": ("a1",)}), LEAVES, "clustershell")
    assert "a1" not in both.nodes, "a gateway that is also selected is reached as any other node"


def test_best_gateway_is_the_one_with_the_fewest_nodes_that_has_not_failed() -> None:
    assert best(("gw1", "gw2"), (), {}) == "gw1"
    assert best(("gw1", "gw2"), (), {"gw1": 3, "gw2": 2}) == "gw2"
    assert best(("gw1", "gw2"), ("gw2",), {"gw1": 3}) == "gw1"
    assert best(("gw1",), ("gw1",), {}) is None
