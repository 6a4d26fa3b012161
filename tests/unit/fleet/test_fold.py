"""Names as node sets that every release of ClusterShell reads."""

from __future__ import annotations

import pytest

from stentor.fleet.fold import fold


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ("n3 n1 n2", ["n[1-3]"]),
        ("n1 n3 n4 n7", ["n[1,3-4,7]"]),
        ("n1", ["n1"]),
        ("n1 n1", ["n1"]),
        ("n0 n1", ["n[0-1]"]),
        ("n01 n1", ["n01", "n1"]),
        ("n08 n09 n10", ["n[08-10]"]),
        ("n9 n10", ["n[9-10]"]),
        ("n001 n10", ["n001", "n10"]),
        ("gw n1 gw2 n2", ["gw", "n[1-2]", "gw2"]),
        ("1 2", ["[1-2]"]),
        (f"n{'1' * 15} n{'1' * 14}2", [f"n[{'1' * 15}-{'1' * 14}2]"]),
        (f"n{'1' * 16} n{'1' * 15}2", [f"n{'1' * 16}", f"n{'1' * 15}2"]),
    ],
)
def test_numbers_of_one_padding_are_folded(names: str, folded: list[str]) -> None:
    assert fold(names.split()) == folded
