"""Durations: one parser, and the pattern in the JSON Schema accepts the same texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("10", 10),
        (".5", 0.5),
        ("1.5s", 1.5),
        ("200ms", 0.2),
        ("2m", 120),
        ("2min", 120),
        (" 2 min ", 120),
        ("1h", 3600),
        ("3d", 259200),
        ("1w", 604800),
    ],
)
def test_units(text: str, seconds: float) -> None:
    assert durations.parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "-1", "nan", "inf", "1e3", "ten", "1y", "1.5.s", "٣", "1 2", ".", "X1", "1X s"]
)
def test_invalid_durations_are_rejected_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"invalid duration '{text}': write 10, 1.5s, 2m or 1h")):
        durations.parse(text)


def test_durations_beyond_the_maximum_are_rejected() -> None:
    assert durations.parse("1000000000") == durations.LONGEST
    with pytest.raises(ValueError, match="at most 1000000000 seconds"):
        durations.parse("1000000001")


written = st.builds(
    "{}{}{}{}".format,
    st.integers(0, 999),
    st.sampled_from(["", ".", ".5", ".25"]),
    st.sampled_from(["", " ", "\t"]),
    st.sampled_from(sorted(durations.UNITS)),
)


@given(written)
def test_number_times_unit(text: str) -> None:
    number, unit = re.fullmatch(r"([0-9.]+)\s*(\w*)", text).groups()  # type: ignore[union-attr]
    assert durations.parse(text) == float(number) * durations.UNITS[unit]


@given(st.one_of(written, st.text(max_size=8), st.text("0123456789.smhdwin ", max_size=8)))
def test_parser_and_pattern_accept_the_same_texts(text: str) -> None:
    matches = re.search(durations.PATTERN, text, re.ASCII) is not None and not re.search(r"[\n\r\f\v]", text)
    try:
        durations.parse(text)
    except ValueError as error:
        assert not matches or "at most" in str(error)
    else:
        assert matches or "\n" in text
