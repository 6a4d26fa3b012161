"""Numbers of bytes, as they are written and as they are shown."""

from __future__ import annotations

import re

import pytest

from stentor.sizes import parse, shown


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("500", 500),
        ("500k", 500_000),
        ("500 K", 500_000),
        ("1.5M", 1_500_000),
        ("4G", 4_000_000_000),
        ("2T", 2_000_000_000_000),
        ("16MB", 16_000_000),
        ("16mib", 16_000_000),
        ("7B", 7),
        (" 1. ", 1),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_sizes_are_read(text: str, number: int) -> None:
    assert parse(text) == number


@pytest.mark.parametrize(
    "text", ["", ".", "k", "-1", "+1", "1e3", "1.2.3", "1 2", "5X", "5kk", "5BB", "²", "٣", "1" * 16]
)
def test_what_is_no_size_is_named(text: str) -> None:
    said = re.escape(f"invalid size '{text}': write 500k, 16M or 4G")
    with pytest.raises(ValueError, match=f"^{said}$"):
        parse(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (4_210_000, "4.2 MB"),
        (16_000_000, "16 MB"),
        (999_949, "999.9 kB"),
        (999_950, "1 MB"),
        (2_500_000_000, "2.5 GB"),
        (3 * 10**12, "3 TB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_are_shown_with_the_unit_that_fits(number: int, text: str) -> None:
    assert shown(number) == text
