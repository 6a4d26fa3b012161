"""Patterns of the fleet file: which names they stand for, and which are refused."""

from __future__ import annotations

import pytest

from stentor.fleet.ranges import MOST, expand, is_pattern, size


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("n1", "n1"),
        ("n[1-3,7]", "n1 n2 n3 n7"),
        ("n[3,1]", "n3 n1"),
        ("n[5-5]", "n5"),
        ("n[01-03]", "n01 n02 n03"),
        ("n[8-11]", "n8 n9 n10 n11"),
        ("n[08-11]", "n08 n09 n10 n11"),
        ("n[098-101]", "n098 n099 n100 n101"),
        ("n[0-8/4]", "n0 n4 n8"),
        ("n[0-9/4]", "n0 n4 n8"),
        ("n[ 1 , 2-3 ]b", "n1b n2b n3b"),
        ("r[1-2]n[1-2]", "r1n1 r1n2 r2n1 r2n2"),
        ("10.0.0.[9-10]", "10.0.0.9 10.0.0.10"),
        (f"n[{'0' * 39}1]", f"n{'0' * 39}1"),
    ],
)
def test_a_pattern_is_spelled_out_in_order(pattern: str, names: str) -> None:
    assert expand(pattern) == names.split()
    assert is_pattern(pattern) == ("[" in pattern)
    assert size(pattern) == len(names.split()) or len(pattern) > 40


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("n[1-2", "the brackets of 'n[1-2' do not match"),
        ("n1-2]", "the brackets of 'n1-2]' do not match"),
        ("n[[1]]", "the brackets of 'n[[1]]' do not match"),
        ("n[]", "'' is not a range in 'n[]'; ranges look like 1-40, 01-10 or 0-8/2"),
        ("n[a-b]", "'a-b' is not a range in 'n[a-b]'; ranges look like 1-40, 01-10 or 0-8/2"),
        ("n[1-²]", "'1-²' is not a range in 'n[1-²]'; ranges look like 1-40, 01-10 or 0-8/2"),
        ("n[3-1]", "the range 3-1 of 'n[3-1]' goes backwards"),
        ("n[1-3/0]", "the range 1-3/0 of 'n[1-3/0]' has steps of 0"),
        ("n[0-10000]", "'n[0-10000]' stands for more than 10000 names"),
        ("n[1-101]m[1-100]", "'n[1-101]m[1-100]' stands for more than 10000 names"),
        ("n[1-9000,1-9000]", "'n[1-9000,1-9000]' stands for more than 10000 names"),
    ],
)
def test_a_pattern_that_is_refused_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        expand(pattern)
    assert str(caught.value) == reason


def test_as_many_names_as_fit_are_spelled_out_and_longer_numbers_are_refused() -> None:
    assert len(expand(f"n[1-{MOST}]")) == len(expand("n[1-100]m[1-100]")) == MOST
    assert len(expand(f"n[0-{2 * MOST - 1}/2]")) == MOST
    with pytest.raises(ValueError, match="is not a range"):
        expand(f"n[{'0' * 40}1]")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("n", 1),
        ("n[1-40]", 40),
        ("n[1-40/2]", 20),
        ("n[0-40/2]", 21),
        ("n[1-3,7]x[1-2]", 8),
        ("n[1 - 3]", 3),
        ("n[3-1]", 1),
        ("n[a-b]", 1),
        ("n[]", 1),
        ("n[1-4/0]", 4),
        ("n[1-1000000000]", 10**9),
        (f"n[{'1' * 40}]", MOST + 1),
        (f"n[{'1' * 39}]", 1),
    ],
)
def test_how_many_names_a_pattern_stands_for_is_known_without_spelling_it_out(
    pattern: str, count: int
) -> None:
    assert size(pattern) == count
