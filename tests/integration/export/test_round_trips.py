"""``init --from X`` of ``export X`` gives the same fleet, but for what was listed when it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.export.view import KEYS, Left
from stentor.fleet.model import Fleet, Node
from stentor.ssh.target import destination, parse_config
from tests.readers import NAMES, lost, nasty, read_back, said, write

FILES = {
    "ansible": ("ansible", "inventory.yaml"),
    "clustershell": ("clustershell", "groups.d/fleet.yaml"),
    "hosts": ("hosts", "hosts"),
    "genders": ("genders", "genders"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_was_not_listed_comes_back(name: str, tmp_path: Path) -> None:
    fleet = nasty()
    source, file = FILES[name]
    result = write(tmp_path / file, name, fleet)
    back = read_back(source, tmp_path / file)
    gone = lost(result.left)
    missing = {alias for alias, field in gone if field == "alias"}
    assert set(back.nodes) == set(NAMES) - missing
    for alias, node in fleet.nodes.items():
        if alias in missing:
            continue
        for field, key in KEYS.items():
            if (alias, key) not in gone:
                assert getattr(back.nodes[alias], field) == getattr(node, field), (alias, field)
        kept = {
            key: value
            for key, value in node.variables.items()
            if not any((one.node, one.field, one.what) == (alias, "vars", key) for one in result.left)
        }
        if Left(alias, "vars") not in result.left:
            assert {key: back.nodes[alias].variables.get(key) for key in kept} == kept
    if ("on", "groups") not in gone:
        for group, members in fleet.groups.items():
            assert set(back.groups[group]) == set(members) - missing


def test_ssh_reaches_the_nodes_that_come_back_as_before(tmp_path: Path) -> None:
    """Only names are read back from ssh_config; all else ssh goes on to read in the exported file."""
    fleet = nasty()
    result = write(tmp_path / "config", "ssh", fleet)
    gone = lost(result.left)
    back = read_back("ssh-config", tmp_path / "config")
    (tmp_path / "empty").touch()
    fleet = fleet._replace(ssh_config=str(tmp_path / "empty"))
    assert back.ssh_config is not None
    back = back._replace(ssh_config=str(tmp_path / "config"))
    for alias, node in fleet.nodes.items():
        assert ("name", back.nodes[alias].name) == ("name", node.name) or (alias, "name") in gone
        before, after = (reached(one, alias) for one in (fleet, back))
        assert {key: after[key] for key in ("hostname", "user", "port")} == {
            key: before[key] for key in ("hostname", "user", "port")
        }, alias


def reached(fleet: Fleet, alias: str) -> dict[str, str]:
    words = destination(fleet, fleet.nodes[alias])
    return parse_config(said("ssh", "-G", *words, noise="Pseudo-terminal will not.*"))[0]


def test_nothing_of_a_node_is_lost_by_way_of_ansible(tmp_path: Path) -> None:
    fleet = nasty()
    assert write(tmp_path / "inventory.yaml", "ansible", fleet, local="no").left == []
    back = read_back("ansible", tmp_path / "inventory.yaml")
    assert {alias: Node(*back.nodes[alias]) for alias in NAMES} == dict(fleet.nodes)


def test_variables_that_steer_ansible_come_back_beside_what_they_override(tmp_path: Path) -> None:
    own = {
        "ansible_host": "10.9.9.9",
        "ansible_user": "v",
        "ansible_port": 99,
        "ansible_connection": "docker",
    }
    own |= {
        "ansible_become": True,
        "ansible_ssh_common_args": "-4",
        "a-b": 1,
        "groups": ["x"],
        "<<": {"a": 1},
    }
    node = Node("a", "a", ("10.0.0.1",), "u", 24, "me@gate", variables={**own, "stentor_vars": 5, "fine": 6})
    other = Node("b", "b", variables={"ansible_user": "v"})
    fleet = Fleet("/fleet", {"a": node, "b": other}, {"all": ("a", "b")})
    result = write(tmp_path / "inventory.yaml", "ansible", fleet)
    assert [one.what for one in result.left] == ["a-b", "groups", "<<", "stentor_vars"]
    back = read_back("ansible", tmp_path / "inventory.yaml")
    assert dict(back.nodes) == dict(fleet.nodes)


def test_a_gateway_that_is_not_written_is_listed(tmp_path: Path) -> None:
    result = write(tmp_path / "inventory.yaml", "ansible", nasty(), nodes=["on", "n1"])
    assert [one for one in result.left if one.field == "gateway"] == [
        Left("on", "gateway", "no", "is not among these nodes")
    ]
    assert read_back("ansible", tmp_path / "inventory.yaml").nodes["on"].gateways == ("n1",)


def test_an_address_of_two_nodes_that_differ_in_what_is_not_written_is_listed(tmp_path: Path) -> None:
    """``init`` takes them for one machine."""
    nodes = {
        "a": Node("a", "a", ("10.0.0.1",), user="alice#corp"),
        "b": Node("b", "b", ("10.0.0.1",)),
        "c": Node("c", "c", ("10.0.0.1",), port=2222),
        "d": Node("d", "d", ("10.0.0.1",), user="d"),
    }
    result = write(tmp_path / "genders", "genders", Fleet("/fleet", nodes, {"all": tuple(nodes)}))
    assert [(one.node, one.field) for one in result.left] == [("a", "user"), ("b", "address")]
    back = read_back("genders", tmp_path / "genders")
    assert {*back.nodes} == {"a", "c", "d"}
