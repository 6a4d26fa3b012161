"""What is suggested for a word that is not known."""

from __future__ import annotations

import pytest

from stentor.fleet.suggest import LONGEST, MOST, closest

NODES = ["crtr", "prtr", "drtr", "trtr", "zrtr"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("crt", "crtr"), ("ctrr", "crtr"), ("PRTR", "prtr"), ("rdtr", "drtr"), ("ztrr", "zrtr"), ("xyz", None)],
)
def test_the_nearest_word_is_found(word: str, meant: str | None) -> None:
    assert closest(word, NODES) == meant


def test_letters_in_another_order_go_before_other_letters() -> None:
    assert closest("form", ["dorm", "from"]) == "from"


def test_no_hint_is_looked_for_where_that_would_take_too_long() -> None:
    longest = "a" * LONGEST
    assert closest(longest, [longest]) == longest
    assert closest(f"{longest}a", [longest]) is None
    known = [f"n{number}" for number in range(MOST)]
    assert closest("n17", known) == "n17"
    assert closest("n17", [*known, "more"]) is None
