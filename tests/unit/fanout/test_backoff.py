"""The pauses between tries."""

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.backoff import LONGEST, pause

chances = st.floats(0, 1)


def test_pauses_double_up_to_the_limit() -> None:
    assert [pause(retry, 1.0) for retry in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert [pause(retry, 0.0) for retry in range(1, 8)] == [0.5, 1, 2, 4, 8, 15, 15]


@given(st.integers(1, 10**6), chances)
def test_every_pause_is_positive_and_limited(retry: int, chance: float) -> None:
    assert 0.5 <= pause(retry, chance) <= LONGEST


@given(st.integers(1, 4), chances, chances)
def test_pauses_grow_whatever_the_chance_until_the_limit(retry: int, one: float, other: float) -> None:
    assert pause(retry, one) <= pause(retry + 1, other)
