"""Records of nodes and web names, as DNS servers are told."""

from __future__ import annotations

import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stentor.fleet.model import Node
from stentor.fleet.services import Services, Site
from stentor.webnames.records import Record, dnsmasq, hosts, is_name, is_number, records

SITES = (Site("a.lan", "standard", "x:1"), Site("*.w.lan", "standard", "x:1", address="10.0.0.9"))


def test_names_have_the_gateways_address_or_their_own() -> None:
    found, unfit = records([Node("n1", "first", ("10.0.0.2", "fd00::2"))], Services(SITES, "10.0.0.1"))
    assert found == [
        Record(("n1", "first"), "10.0.0.2"),
        Record(("n1", "first"), "fd00::2"),
        Record(("a.lan",), "10.0.0.1"),
        Record(("*.w.lan",), "10.0.0.9"),
    ]
    assert unfit == []
    assert hosts(found)[-2:] == ["fd00::2 n1 first", "10.0.0.1 a.lan"]
    assert dnsmasq(found[2:]) == (
        "local=/a.lan/\nlocal=/w.lan/\nhost-record=a.lan,10.0.0.1\naddress=/w.lan/10.0.0.9\n"
    )


def test_what_cannot_be_a_record_is_told_with_its_reason() -> None:
    nodes = [Node("x-", "ok", ("name.example", "fe80::1%eth0", "10.0.0.3")), Node("none", "none")]
    found, unfit = records(nodes, Services(SITES[:1]))
    assert found == [Record(("ok",), "10.0.0.3")]
    assert [(one.field, one.what) for one in unfit] == [
        ("alias", "x-"), ("address", "name.example"), ("address", "fe80::1%eth0"), ("address", ""),
        ("fqdn", "a.lan"),
    ]  # fmt: skip


def test_a_name_leads_to_one_machine() -> None:
    nodes = [
        Node("n1", "n1", ("10.0.0.2",)),
        Node("N1", "other.lan", ("10.0.0.3",)),
        Node("a", "A.lan", ("10.0.0.4",)),
        Node("gate", "b.lan", ("10.0.0.1", "fd00::1")),
    ]
    sites = tuple(Site(fqdn, "standard", "x:1") for fqdn in ("a.lan", "b.lan"))
    found, unfit = records(nodes, Services(sites, "10.0.0.1"))
    assert found == [
        Record(("n1",), "10.0.0.2"),
        Record(("other.lan",), "10.0.0.3"),
        Record(("a",), "10.0.0.4"),
        Record(("gate", "b.lan"), "10.0.0.1"),
        Record(("gate", "b.lan"), "fd00::1"),
        Record(("a.lan",), "10.0.0.1"),
        Record(("b.lan",), "10.0.0.1"),
    ]
    assert [(one.node, one.what, one.why) for one in unfit] == [
        ("N1", "N1", "leads to 'n1', since DNS ignores case"),
        ("a", "A.lan", "is a web name, too, and leads to 10.0.0.1"),
    ]


PARTS = st.from_regex(r"\A(0x[0-9a-fA-F]{0,9}|0[0-9]{0,4}|[0-9]{1,11}|[0-9a-z_-]{1,4})\Z")


@given(st.lists(PARTS, min_size=1, max_size=5).map(".".join))
@example("4294967295")
@example("4294967296")
@example("1.16777216")
@example("08")
@example("0x")
@example("1.")
def test_the_same_names_as_inet_aton(name: str) -> None:
    try:
        socket.inet_aton(name)
    except OSError:
        assert not is_number(name)
    else:
        assert is_number(name)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a", True),
        ("a-b.c1", True),
        ("x" * 63 + ".lan", True),
        ("x" * 64 + ".lan", False),
        ("-a", False),
        ("a-", False),
        ("a.-b", False),
        ("a..b", False),
        ("", False),
    ],
)
def test_labels_have_63_letters_at_most_and_no_dash_at_an_end(name: str, good: bool) -> None:
    assert is_name(name) is good


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1.2.3.4", True),
        ("1.2.3.4.5", False),
        ("010", True),
        ("08", False),
        ("1.2.3.256", False),
        ("a", False),
    ],
)
def test_numbers_have_four_parts_at_most_and_may_be_octal(name: str, number: bool) -> None:
    assert is_number(name) is number
