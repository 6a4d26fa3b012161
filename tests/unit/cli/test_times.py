from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from stentor.cli.times import count, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", 10), ("1.5s", 1.5), ("200ms", 0.2), ("2m", 120), ("2 min", 120), ("1h", 3600), ("2d", 172800)],
)
def test_seconds(text: str, value: float) -> None:
    assert seconds(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "s", "0", "-1", "nan", "inf", "1e12", "ten", "1y", "1.5.s"])
def test_no_seconds(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        seconds(text)


def test_count() -> None:
    assert count("0") == 0
    for text in ("", "-1", "1.5", "node1", "²"):
        with pytest.raises(ArgumentTypeError):
            count(text)
