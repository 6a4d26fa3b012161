"""Moments as people write them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.cli.times import moment
from stentor.errors import UsageError

NOW = time.mktime((2025, 10, 21, 15, 30, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("2h", (2025, 10, 21, 13, 30, 0)),
        ("90 min ago", (2025, 10, 21, 14, 0, 0)),
        ("1w", (2025, 10, 14, 15, 30, 0)),
        ("12:03", (2025, 10, 21, 12, 3, 0)),
        ("today", (2025, 10, 21, 0, 0, 0)),
        ("2025-01-02", (2025, 1, 2, 0, 0, 0)),
        ("2025-01-02 03:04", (2025, 1, 2, 3, 4, 0)),
        ("2025-01-02T03:04:05", (2025, 1, 2, 3, 4, 5)),
    ],
)
def test_what_is_understood(text: str, there: tuple[int, ...]) -> None:
    assert time.localtime(moment(text, NOW))[:6] == there


@given(st.text(max_size=20))
def test_anything_else_is_a_usage_error(text: str) -> None:
    try:
        moment(text, NOW)
    except UsageError as error:
        assert error.hint
