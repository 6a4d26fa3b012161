"""The Debian of full nodes: its name, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.lab import tree

DEB822 = """\
Types: deb
# https://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
"""


@pytest.mark.parametrize(
    ("sources", "mirror"),
    [
        ([], tree.MIRROR),
        ([DEB822], "http://mirror.example.org/debian"),
        (["deb [signed-by=/k.gpg arch=amd64] https://ftp.de.debian.org/debian trixie main"],
         "https://ftp.de.debian.org/debian"),
        (["deb http://deb.debian.org/debian-security trixie-security main\n# deb http://x/debian sid main"],
         tree.MIRROR),
        (["deb https://deb.nodesource.com/node_20.x nodistro main", DEB822], "http://mirror.example.org/debian"),
    ],
)  # fmt: skip
def test_the_mirror_which_apt_uses(sources: list[str], mirror: str) -> None:
    assert tree.mirror_of(sources) == mirror


def test_a_tree_is_named_after_what_it_is_made_of() -> None:
    name = tree.key()
    assert name.startswith("trixie-")
    assert name == tree.key(reversed(tree.PACKAGES))
    assert (
        len({name, tree.key((*tree.PACKAGES, "fish")), tree.key(mirror="http://x"), tree.key(suite="sid")})
        == 4
    )


def test_where_trees_are_kept() -> None:
    assert tree.cache_directory({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/stentor/lab")
    assert tree.cache_directory({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path("/h/.cache/stentor/lab")
