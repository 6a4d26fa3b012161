"""The nodes of a practice fleet."""

from __future__ import annotations

import pytest

from stentor.errors import UsageError
from stentor.lab.plan import nodes
from stentor.lab.plan.nodes import NodePlan


def five(**options: object) -> list[NodePlan]:
    names = nodes.aliases(None)
    shells = dict.fromkeys(names, "/bin/bash")
    given: dict[str, object] = {"network": (20, 0), "ports": [2222] * 5, "user": None, "shells": shells}
    return nodes.plan_nodes(None, **(given | options))  # type: ignore[arg-type]


def test_named_nodes_are_those_of_the_seed() -> None:
    assert [(node.alias, node.user, node.address, node.state) for node in five()] == [
        ("crtr", "crtr", "127.20.0.10", "migrating"),
        ("prtr", "prtr", "127.20.0.20", "down"),
        ("drtr", "drtr", "127.20.0.30", "up"),
        ("trtr", "trtr", "127.20.0.40", "up"),
        ("zrtr", "zrtr", "127.20.0.11", "down"),
    ]


def test_all_up_and_one_address_apply_to_every_node() -> None:
    made = five(all_up=True, one_address=True, ports=[1, 2, 3, 4, 5], user="me")
    assert {(node.state, node.address, node.user) for node in made} == {("up", "127.0.0.1", "me")}
    assert [node.port for node in made] == [1, 2, 3, 4, 5]


def test_a_thousand_nodes_have_a_thousand_addresses() -> None:
    names = nodes.aliases(1000)
    shells = dict.fromkeys(names, "/bin/bash")
    made = nodes.plan_nodes(1000, network=(20, 239), ports=[2222] * 1000, user=None, shells=shells)
    assert len({node.address for node in made}) == 1000
    assert all(0 < int(part) < 255 for node in made for part in node.address.split("."))
    assert (names[0], names[-1]) == ("node001", "node1000")


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_a_count_out_of_range_is_rejected(count: int) -> None:
    with pytest.raises(UsageError, match="1 to 1000 nodes"):
        nodes.aliases(count)


def test_shells_are_read_per_node_and_for_all() -> None:
    assert nodes.parse_shells([], ["a", "b"]) == {"a": "bash", "b": "bash"}
    assert nodes.parse_shells(["zsh", "b=fish"], ["a", "b"]) == {"a": "zsh", "b": "fish"}
    with pytest.raises(UsageError, match="no node 'c'"):
        nodes.parse_shells(["c=zsh"], ["a", "b"])


def test_a_numbered_lab_has_two_halves_as_groups() -> None:
    assert nodes.groups_for(1) == {}
    assert nodes.groups_for(50) == {"left": "node[001-025]", "right": "node[026-050]"}
