"""The command which ends what a killed stentor left. What it does to processes is tried on practice nodes."""

import pytest

from stentor.fanout import reap

WORD = "stentor-0123456789abcdef"


@pytest.mark.parametrize("word", ["", "stentor-", "a" * 19])
def test_without_a_word_nothing_is_ever_ended(word: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        reap.command(word, 0, 0)


def test_it_does_not_find_itself() -> None:
    assert WORD not in reap.command(WORD, 4242, 0)
