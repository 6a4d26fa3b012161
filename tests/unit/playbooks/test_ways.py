"""How Ansible is told of the connections that are open."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Template

from stentor.fleet.model import Node
from stentor.playbooks.ways import by_master

OURS = "-o ControlMaster=no -o ControlPath='/run/a b/c'"
FLEET = {"ansible_user": "me", "ansible_port": 2222, "ansible_host": "10.0.0.1"}


def options(node: Node, variables: dict[str, Any]) -> str:
    return str(Template(by_master(node, "/run/a b/c")).render(**variables))


@pytest.mark.parametrize(
    "named",
    [
        {"ansible_user": "root"},
        {"ansible_ssh_user": "root"},
        {"ansible_port": 22},
        {"ansible_host": "10.0.0.9"},
    ],
)
def test_another_user_port_or_host_gets_a_connection_of_its_own(named: dict[str, Any]) -> None:
    node = Node("a", "a", addresses=("10.0.0.1",), user="me", port=2222)
    assert options(node, FLEET) == OURS
    assert options(node, {**FLEET, **named}) == "-C -o ControlMaster=auto -o ControlPersist=60s"
    assert options(Node("a", "a"), {}) == OURS
    assert options(Node("a", "a"), named) != OURS
