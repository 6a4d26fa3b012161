"""What is suggested for a word that is not known."""

from __future__ import annotations

import pytest

from stentor.fleet.suggest import closest

NODES = ["crtr", "prtr", "drtr", "trtr", "zrtr"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("crt", "crtr"), ("ctrr", "crtr"), ("PRTR", "prtr"), ("rdtr", "drtr"), ("ztrr", "zrtr"), ("xyz", None)],
)
def test_the_nearest_word_is_found(word: str, meant: str | None) -> None:
    assert closest(word, NODES) == meant


def test_letters_in_another_order_go_before_other_letters() -> None:
    assert closest("form", ["dorm", "from"]) == "from"
