"""Times of day."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stentor.hooks.clock import is_due, is_quiet

DAY = datetime(2026, 11, 29)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_span_and_its_opposite_cover_the_day(first: int, last: int, at: int) -> None:
    def span(one: int, other: int) -> str:
        return f"{one // 60:02}:{one % 60:02}-{other // 60:02}:{other % 60:02}"

    now = DAY + timedelta(minutes=at)
    if first != last:
        assert is_quiet(span(first, last), now) != is_quiet(span(last, first), now)
    else:
        assert not is_quiet(span(first, last), now)


def test_it_goes_over_midnight() -> None:
    for hour, quiet in ((21, False), (22, True), (0, True), (6, True), (7, False), (12, False)):
        assert is_quiet("22:00-07:00", DAY + timedelta(hours=hour)) is quiet
    assert not is_quiet("", DAY)


def test_the_nightly_look_is_due_once_a_day() -> None:
    assert is_due("03:00", "2026-11-28", DAY + timedelta(hours=3))
    assert not is_due("03:00", "2026-11-28", DAY + timedelta(hours=2, minutes=59))
    assert not is_due("03:00", "2026-11-29", DAY + timedelta(hours=23))
    assert is_due("03:00", "2026-11-20", DAY + timedelta(hours=9)), "what was missed is made up for"
    assert not is_due("", "", DAY + timedelta(hours=9))
