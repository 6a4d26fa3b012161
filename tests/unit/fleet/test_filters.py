"""Filters: which nodes have an attribute, and what is said where none has it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from stentor.errors import SelectorError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.select import select


def make(nodes: Iterable[Node]) -> Fleet:
    table = {node.alias: node for node in nodes}
    return Fleet("/fleet", table, {"all": tuple(table)})


SEED = make(
    [
        Node("crtr", "cooperator", role="gateway", variables={"rack": "a1"}),
        Node("prtr", "projector", role="gpu"),
        Node("drtr", "director", role="gpu", variables={"rack": "b1", "disk": {"kind": "nvme"}}),
    ]
)


def named(expression: str, fleet: Fleet = SEED, **options: Any) -> str:
    return ",".join(node.alias for node in select(fleet, expression, **options))


def message(expression: str, fleet: Fleet = SEED, **options: Any) -> tuple[str, str]:
    with pytest.raises(SelectorError) as caught:
        named(expression, fleet, **options)
    return caught.value.message, caught.value.hint


ALL_OF = Node(
    "x", "long", ("10.1.2.3", "fd00::1"), user="me", port=2222, jump="gate", role="gpu", arch="arm64",
    mac="aa:bb", phase=4, migrated=True, state="down", requires=("git",),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "alias=x", "name=long", "address=10.1.2.3", "address=fd00::1", "user=me", "port=2222", "jump=gate",
        "role=gpu", "arch=arm64", "mac=aa:bb", "phase=4", "migrated=true", "state=down", "requires=git",
    ],
)  # fmt: skip
def test_every_attribute_is_a_filter(text: str) -> None:
    fleet = make([Node("other", "other"), ALL_OF])
    assert named(f"%{text}", fleet) == "x"
    with pytest.raises(SelectorError, match=f"^no node has {text.partition('=')[0]} 'nothing'"):
        named(f"%{text.partition('=')[0]}=nothing", fleet, facts=dict)


def test_attribute_that_no_node_says_is_not_looked_up_among_the_facts() -> None:
    fleet = make([Node("a", "a", variables={"rack": "1"}), Node("b", "b")])

    def facts() -> Any:
        return {"b": {"rack": "2", "role": "gpu", "os": "debian"}}

    with pytest.raises(SelectorError):
        named("%role=gpu", fleet, facts=facts)
    with pytest.raises(SelectorError):
        named("%rack=2", fleet, facts=facts)
    assert named("%os=debian", fleet, facts=facts) == "b"


def test_architecture_that_one_node_lacks_is_taken_from_the_facts() -> None:
    fleet = make([Node("a", "a", arch="arm64"), Node("b", "b")])
    facts = {"a": {"arch": "x86_64"}, "b": {"arch": "x86_64"}}
    assert named("%arch=x86_64", fleet, facts=lambda: facts) == "b"
    assert named("%arch=arm64", fleet, facts=lambda: facts) == "a"


def test_unknown_attribute_names_those_that_there_are() -> None:
    assert message("%rakc=a1", facts=dict)[1] == (
        "did you mean 'rack'? facts of the nodes are known after 'stentor facts'"
    )
    hint = message("%zzzzzz=1", facts=dict)[1]
    assert hint.startswith("attributes are address, alias, arch,")
    assert re.search("[a-z]; facts of the nodes are known after 'stentor facts'$", hint)
    told = message("%zzzzzz=1", facts=lambda: {"crtr": {"kernel": "6"}})[1]
    assert "kernel" in told
    assert "stentor facts" not in told


def test_attribute_that_has_parts_is_asked_for_by_one_of_them() -> None:
    tools = {"tools": {"git": "2"}}
    known = ("no node has 'tools'", "did you mean 'tools.git'?")
    assert message("%tools=2", facts=lambda: {"crtr": tools}) == known
    assert message("%tools=2", make([Node("a", "a", variables=tools)])) == known
    assert "gpus" not in message("%gpus=x", facts=lambda: {"crtr": {"gpus": [{"name": "x"}]}})[1]


def test_filter_names_the_first_eight_values() -> None:
    fleet = make([Node(f"n{n}", f"n{n}", role=f"role-{n}") for n in range(9)])
    listed = ", ".join(f"role-{n}" for n in range(8))
    assert message("%role=unlike", fleet) == ("no node has role 'unlike'", f"nodes have {listed}")


def test_question_mark_alone_is_a_wildcard_in_a_filter() -> None:
    assert named("%rack=b?") == "drtr"
    assert named("%role=gp?") == "prtr,drtr"


def test_facts_are_read_only_for_unknown_attributes() -> None:
    asked = []

    def facts() -> dict[str, dict[str, object]]:
        asked.append(1)
        return {
            "a": {
                "os": "debian13",
                "arch": "aarch64",
                "tools": {"git": "2.47"},
                "gpus": [{"name": "RTX 4090"}],
            },
            "b": {"os": "debian12", "gpus": []},
        }

    fleet = Fleet("/f", {n: Node(n, n, role="x") for n in "ab"}, {"all": ("a", "b")})

    def chosen(expression: str) -> str:
        return "".join(node.alias for node in select(fleet, expression, facts=facts))

    assert chosen("%role=x") == "ab" and not asked
    assert chosen("%os=debian13") == "a"
    assert chosen("%os!=debian13") == "b"
    assert chosen("%arch=aarch64") == "a"
    assert chosen("%tools.git=2*") == "a"
    assert chosen("%gpus.name=*4090*") == "a"
    with pytest.raises(SelectorError):
        chosen("%nothing=1")
    with pytest.raises(SelectorError) as raised:
        select(fleet, "%os=x", facts=dict)
    assert "stentor facts" in raised.value.hint
