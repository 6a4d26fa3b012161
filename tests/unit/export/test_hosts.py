"""Lines of a hosts file: what is listed."""

from __future__ import annotations

from stentor.export.hosts import make
from stentor.export.view import View
from stentor.fleet.model import Fleet, Node


def test_an_address_of_two_nodes_is_listed() -> None:
    nodes = {"a": Node("a", "a", ("fd00::1",), port=1), "b": Node("b", "b", ("FD00:0::1",), port=2)}
    found = make(View(Fleet("/f", nodes, {"all": ("a", "b")}), list(nodes.values())))
    assert found.text == "fd00::1\ta\nFD00:0::1\tb\n"
    [one] = [left for left in found.left if left.field == "address"]
    assert (one.node, one.what) == ("b", "FD00:0::1")
