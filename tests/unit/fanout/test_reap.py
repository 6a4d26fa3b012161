"""The command which ends what a killed stentor left. What it does to processes is tried on practice nodes."""

import pytest

from stentor.fanout import reap
from stentor.fanout.reap import UNHEARD, became

WORD = "stentor-0123456789abcdef"
FOREIGN = "of another user may not be ended"
SURVIVED = "survived KILL (waiting for a disk or network file system?)"


@pytest.mark.parametrize("word", ["", "stentor-", "a" * 19])
def test_without_a_word_nothing_is_ever_ended(word: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        reap.command(word, 0, 0)


def test_it_does_not_find_itself() -> None:
    assert WORD not in reap.command(WORD, 4242, 0)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"term\n", "ended by TERM"),
        (b"noise\nkill\n", "ended by KILL"),
        (b"gone", "had ended already"),
        (b"foreign:81/sleep,83/sh,\n", f"may still run: process 81 (sleep) and process 83 (sh) {FOREIGN}"),
        (b"foreign:81/,", f"may still run: process 81 (?) {FOREIGN}"),
        (b"foreign:", f"may still run: a part {FOREIGN}"),
        (b"foreign:81/\x1b[2J,x/y", f"may still run: a part {FOREIGN}"),
        (b"left:9/dd,", f"may still run: process 9 (dd) {SURVIVED}"),
        (b"", UNHEARD),
        (b"\xff", UNHEARD),
        (b"{0.__class__}", UNHEARD),
        ("left:9/{x}", f"may still run: a part {SURVIVED}"),
    ],
)  # fmt: skip
def test_the_last_word_counts(said: bytes | str, words: str) -> None:
    assert became(said) == words


def test_nothing_left_may_have_words_of_its_own() -> None:
    assert became("gone", gone="") == ""
