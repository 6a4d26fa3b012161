"""Names as node sets that every release of ClusterShell reads."""

from __future__ import annotations

import pytest

from stentor.fleet.fold import fold, nodeset


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ("n3 n1 n2", ["n[1-3]"]),
        ("n1 n3 n4 n7", ["n[1,3-4,7]"]),
        ("n1", ["n1"]),
        ("n1 n1", ["n1"]),
        ("n0 n1", ["n[0-1]"]),
        ("n0 n10", ["n[0,10]"]),
        ("n01 n1", ["n01", "n1"]),
        ("n08 n09 n10", ["n[08-10]"]),
        ("n9 n10", ["n[9-10]"]),
        ("n001 n10", ["n001", "n10"]),
        ("gw n1 gw2 n2", ["gw", "n[1-2]", "gw2"]),
        ("1 2", ["[1-2]"]),
        ("X1 X2", ["X[1-2]"]),
        (f"n{'1' * 15} n{'1' * 14}2", [f"n[{'1' * 15}-{'1' * 14}2]"]),
        (f"n{'1' * 16} n{'1' * 15}2", [f"n{'1' * 16}", f"n{'1' * 15}2"]),
    ],
)
def test_numbers_of_one_padding_are_folded(names: str, folded: list[str]) -> None:
    assert fold(names.split()) == folded


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("n2 gw n1", "gw,n[1-2]"),
        ("r1n1 r1n2 r2n1 r2n2", "r[1-2]n[1-2]"),
        (f"n{'1' * 15} n{'1' * 14}2", f"n[{'1' * 15}-{'1' * 14}2]"),
        (f"n{'1' * 16} n2 n{'1' * 15}2 n1", f"n[1-2],n{'1' * 16},n{'1' * 15}2"),
        (f"n{'1' * 16}", f"n{'1' * 16}"),
    ],
)
def test_all_numbers_of_a_name_are_folded_but_those_too_long_for_a_selector(
    names: str, expected: str
) -> None:
    assert nodeset(names.split()) == expected
