from __future__ import annotations

import subprocess
import sys

import pytest
from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet
from hypothesis import given
from hypothesis import strategies as st

from stentor.render.names import brief, fold, numbered, together

GROUPS = {"all": ("a", "b", "c"), "same": ("c", "b", "a"), "two": ("a", "b")}


@pytest.mark.parametrize(
    ("nodes", "folded"),
    [
        (["crtr"], "crtr"),
        (["crtr", "prtr"], "crtr,prtr"),
        (["b", "a"], "b,a"),  # two names say more than @two
        (["a", "b", "c"], "@same"),  # any name says more than @all
        ([f"node{n}" for n in range(1, 41)], "node[1-40]"),
        (["node08", "node09", "node10"], "node[08-10]"),
        (["node1", "node2", "crtr"], "node[1-2],crtr"),
        (["node8", "node10", "node9"], "node[8-10]"),
        (["node8", "node09", "node10", "node1"], "node[1,8],node[09-10]"),
        (["n1.a", "n2.a", "n1.b"], "n[1-2].a,n1.b"),
        (["r1n1", "r1n2", "r2n1"], "r1n[1-2],r2n1"),
        (["gpu1", "cpu2", "crtr"], "gpu1,cpu2,crtr"),
    ],
)
def test_fold(nodes: list[str], folded: str) -> None:
    assert fold(nodes, GROUPS) == folded


def test_clustershell_is_not_loaded_for_names_it_cannot_shorten() -> None:
    program = (
        "import sys; from stentor.render.names import fold; fold(['crtr', 'prtr', 'drtr']);"
        "sys.exit('ClusterShell' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(
    st.lists(
        st.builds(
            "{}{}{}".format,
            st.sampled_from(("n", "gpu-", "r1c")),
            st.from_regex(r"\A[0-9]{1,3}\Z"),
            st.sampled_from(("", ".x")),
        )
        | st.sampled_from(("crtr", "n")),
        min_size=1,
        max_size=12,
        unique=True,
    )
)
def test_what_is_folded_is_the_same_set_to_clustershell(names: list[str]) -> None:
    assert sorted(NodeSet(fold(names), resolver=RESOLVER_NOGROUP)) == sorted(names)


def test_numbered_needs_three() -> None:
    assert not numbered(["node1", "node2"])


def test_brief_says_how_many_it_left_out() -> None:
    nodes = ["crtr", "prtr", "drtr", "trtr", "zrtr"]
    assert brief(nodes, 80) == "crtr,prtr,drtr,trtr,zrtr"
    assert brief(nodes, 20) == "crtr,prtr and 3 more"
    assert brief(nodes, 1) == "crtr and 4 more"


@given(st.lists(st.from_regex(r"\A[a-z]{1,9}\Z"), min_size=2, unique=True), st.integers(25, 80))
def test_brief_keeps_to_the_width(nodes: list[str], width: int) -> None:
    assert len(brief(nodes, width)) <= width


def test_what_is_said_of_several_names_is_one_line() -> None:
    found = [("caddy", "no systemd"), ("chat", "no docker"), ("pihole", "no systemd")]
    assert together(found) == ["caddy, pihole: no systemd", "chat: no docker"]
    assert together([]) == []
