"""Full nodes: the Debian which they share, and what tells one from the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.lab.plan import debian
from stentor.lab.plan.nodes import NodePlan, node_paths

DEB822 = """\
Types: deb
# https://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
"""


@pytest.mark.parametrize(
    ("sources", "mirror"),
    [
        ([], debian.MIRROR),
        ([DEB822], "http://mirror.example.org/debian"),
        (["deb [signed-by=/k.gpg arch=amd64] https://ftp.de.debian.org/debian trixie main"],
         "https://ftp.de.debian.org/debian"),
        (["deb http://deb.debian.org/debian-security trixie-security main\n# deb http://x/debian sid main"],
         debian.MIRROR),
        (["deb https://deb.nodesource.com/node_20.x nodistro main", DEB822], "http://mirror.example.org/debian"),
    ],
)  # fmt: skip
def test_the_mirror_is_the_one_which_apt_uses(sources: list[str], mirror: str) -> None:
    assert debian.mirror_of(sources) == mirror


def test_a_tree_is_named_after_what_it_is_made_of() -> None:
    name = debian.tree_name()
    assert name.startswith("trixie-")
    assert name == debian.tree_name(reversed(debian.PACKAGES))
    assert (
        len(
            {
                name,
                debian.tree_name((*debian.PACKAGES, "fish")),
                debian.tree_name(mirror="http://x"),
                debian.tree_name(suite="sid"),
            }
        )
        == 4
    )


def test_a_full_node_has_its_own_layer_address_and_account() -> None:
    node = NodePlan("crtr", "cooperator", "198.18.7.10", 22, "crtr", "gateway", None, 1, "up", "/bin/bash")
    paths = node_paths(Path("/lab/nodes/crtr"))
    spec = debian.spec(node, paths, "/cache/trixie", 99, {"chezmoi": "/opt/chez:moi"})
    assert (spec["tree"], spec["upper"], spec["hub"]) == ("/cache/trixie", "/lab/nodes/crtr/upper", 99)
    assert spec["address"] == "198.18.7.10/24"
    assert spec["hardware"] == "02:00:c6:12:07:0a"
    assert ("/etc/passwd", "crtr:x:1000:1000:cooperator:/home/crtr:/bin/bash") in spec["lines"]
    assert not any(line.startswith("root:") for _, line in spec["lines"])
    assert "--bind=/lab/nodes/crtr/home:/home/crtr" in spec["command"]
    assert "--bind-ro=/opt/chez\\:moi:/usr/local/bin/chezmoi" in spec["command"]


def test_labs_and_nodes_have_cgroups_of_their_own() -> None:
    paths = [node_paths(Path(f"/lab{lab}/nodes/{node}")) for lab in (1, 2) for node in ("crtr", "prtr")]
    assert len({debian.cgroup(path) for path in paths}) == 4
    assert len({debian.cgroup(path).partition("/")[0] for path in paths}) == 2
