"""The snippet for those who want no tool."""

from __future__ import annotations

from stentor.export.tmux import snippet
from stentor.fleet.model import Fleet, Node

NODES = {
    "crtr": Node("crtr", "cooperator", ("192.168.254.10",), user="crtr"),
    "prtr": Node("prtr", "projector", ("192.168.254.20",), user="prtr", port=2222),
    "drtr": Node("drtr", "director", ("192.168.254.30",), jump="crtr"),
}
FLEET = Fleet("/f", NODES, {"all": tuple(NODES)})


def test_three_nodes() -> None:
    text = snippet(FLEET, list(NODES.values()), local="crtr", name="cluster")
    assert "bind-key C new-window -n cluster \\; \\\n  split-window 'ssh -o HostName=192.168.254.20" in text
    assert "ProxyCommand=ssh -o HostName=192.168.254.10 -o CanonicalizeHostname=yes -o User=crtr -W " in text
    assert "select-layout main-vertical" in text
    assert "bind-key S if-shell -F '#{pane_synchronized}'" in text
    assert "(3 nodes: crtr prtr drtr)" in text
    assert "StrictHostKeyChecking" not in text


def test_one_and_two() -> None:
    two = list(NODES.values())[1:]
    assert "even-vertical" in snippet(FLEET, two, local=None, name="gpu", key="G")
    assert "bind-key G new-window -n gpu 'ssh" in snippet(FLEET, two[:1], local=None, name="gpu", key="G")
