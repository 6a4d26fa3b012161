"""What holds for nodes of every other tool's files."""

from __future__ import annotations

from stentor.fleet.importers.found import Found, settle


def found(*nodes: tuple[str, dict[str, object]], **groups: list[str]) -> Found:
    made = Found()
    made.nodes.update(nodes)
    made.groups.update(groups)
    return settle(made)


def test_an_ipv6_address_as_a_name_gets_one_and_is_its_address() -> None:
    settled = found(
        ("2001:db8::56c", {"address": [], "vars": {}}),  # as the importers give it
        ("fe80::216:3eff:fe1c:3ec9", {}),
        ("::1", {"address": ["10.0.0.1"]}),
        g=["2001:db8::56c", "::1"],
    )
    assert settled.nodes == {
        "2001-db8--56c": {"address": ["2001:db8::56c"]},
        "fe80--216-3eff-fe1c-3ec9": {"address": ["fe80::216:3eff:fe1c:3ec9"]},
        "1": {"address": ["10.0.0.1"]},
    }
    assert settled.groups == {"g": ["2001-db8--56c", "1"]}
    assert "2001:db8::56c: is called '2001-db8--56c' here, with the address 2001:db8::56c" in settled.left
    assert "b:c: its name has characters which a node's name may not have" in found(("b:c", {})).left


def test_a_login_name_before_a_name_is_a_field() -> None:
    settled = found(
        ("me@10.0.0.4", {}),
        ("me@web", {"user": "deploy", "address": ["10.0.0.5"]}),
        ("root@10.0.0.4", {}),
        ("me@db", {}),
        ("db", {}),
        ("me@b:c", {}),
        g=["me@10.0.0.4", "me@db", "db"],
    )
    assert settled.nodes == {
        "10.0.0.4": {"user": "me"},
        "web": {"user": "deploy", "address": ["10.0.0.5"]},
        "root-10.0.0.4": {"user": "root", "address": ["10.0.0.4"]},
        "me-db": {"user": "me", "address": ["db"]},
        "db": {},
    }
    assert settled.groups == {"g": ["10.0.0.4", "me-db", "db"]}
    assert settled.left == [
        "root@10.0.0.4: is called 'root-10.0.0.4' here, as 10.0.0.4 is there with another login name",
        "me@db: is called 'me-db' here, as db is there with another login name",
        "me@b:c: its name has characters which a node's name may not have",
    ]


def test_one_address_with_another_login_is_another_node() -> None:
    one, same = {"address": ["127.0.0.77"], "port": 2277, "user": "deploy"}, {"user": "deploy", "port": 2277}
    settled = found(
        ("app", one),
        ("app-root", {**one, "user": "root"}),
        ("again", {**same, "address": ["127.0.0.77"]}),
        web=["app", "again"],
        dba=["app-root"],
    )
    assert list(settled.nodes) == ["app", "app-root"]
    assert settled.groups == {"web": ["app"], "dba": ["app-root"]}
    assert settled.left == [
        "again: address 127.0.0.77 already belongs to app, with the same port, user and jump host"
    ]
