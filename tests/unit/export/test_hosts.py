"""Lines of a hosts file: what is listed, and names that are numbers as the C library sees it."""

from __future__ import annotations

import socket

from hypothesis import example, given
from hypothesis import strategies as st

from stentor.export.hosts import is_number, make
from stentor.export.view import View
from stentor.fleet.model import Fleet, Node

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


def test_an_address_of_two_nodes_is_listed() -> None:
    nodes = {"a": Node("a", "a", ("fd00::1",), port=1), "b": Node("b", "b", ("FD00:0::1",), port=2)}
    found = make(View(Fleet("/f", nodes, {"all": ("a", "b")}), list(nodes.values())))
    assert found.text == "fd00::1\ta\nFD00:0::1\tb\n"
    [one] = [left for left in found.left if left.field == "address"]
    assert (one.node, one.what) == ("b", "FD00:0::1")
