"""Shares of nodes, sizes and times to keep, as files and command lines write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import UsageError
from stentor.fleet.policy.values import (
    Keep,
    Share,
    option,
    parse_keep,
    parse_share,
    parse_size,
    parse_wave_sizes,
)
from stentor.fleet.schema import kinds


@pytest.mark.parametrize(
    ("text", "share"),
    [("3", Share(3)), ("0", Share(0)), (" 25 % ", Share(25, True)), ("100%", Share(100, True))],
)
def test_shares(text: str, share: Share) -> None:
    assert parse_share(text) == share


def test_wave_sizes() -> None:
    assert parse_wave_sizes("1, 5,25%") == (Share(1), Share(5), Share(25, True))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64k", 65536),
        ("1M", 1048576),
        ("10", 10),
        ("2 KiB", 2048),
        ("0", 0),
        ("7b", 7),
        ("3MiB", 3 * 1048576),
        ("1g", 1073741824),
        ("2 GiB", 2147483648),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("500", Keep(operations=500)),
        ("90d", Keep(seconds=90 * 86400)),
        ("1 day", Keep(seconds=86400)),
        ("2 days", Keep(seconds=2 * 86400)),
        ("forever", Keep()),
        ("all", Keep()),
    ],
)
def test_times_to_keep(text: str, keep: Keep) -> None:
    assert parse_keep(text) == keep


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_share, "some", "invalid number of nodes 'some': write a number of nodes (3) or a share"),
        (parse_share, "101%", "invalid number of nodes '101%'"),
        (parse_share, "-1", "invalid number of nodes '-1'"),
        (parse_wave_sizes, "1,,2", "invalid size of a wave '1,,2': write 5, 25%, or several: 1,5,25%"),
        (parse_wave_sizes, "1,0", "invalid size of a wave '1,0'"),
        (parse_wave_sizes, "0", "invalid size of a wave '0'"),
        (parse_wave_sizes, "", "invalid size of a wave ''"),
        (parse_size, "1x", "invalid size '1x': write bytes, 64k or 1M"),
        (parse_size, "", "invalid size ''"),
        (parse_keep, "0", "invalid time to keep '0': write 1000 (operations), 90d or forever"),
        (parse_keep, "soon", "invalid time to keep 'soon'"),
    ],
)
def test_invalid_texts_are_rejected_with_the_accepted_forms(
    parse: Callable[[str], Any], text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(text)


def test_sizes_round_up_and_limits_round_down() -> None:
    assert (Share(25, True).size(5), Share(25, True).limit(5)) == (2, 1)
    assert (Share(10, True).size(5), Share(10, True).limit(5)) == (1, 0)

    assert (Share(25, True).size(400), Share(25, True).limit(400)) == (100, 100)
    assert (Share(30, True).size(200), Share(30, True).limit(200)) == (60, 60)
    assert (Share(1, True).size(101), Share(50, True).limit(198)) == (2, 99)
    assert (Share(3).size(2), Share(3).limit(2)) == (3, 3)
    assert Share(0, True).size(5) == 1


def test_values_are_written_as_they_are_read() -> None:
    assert (str(Share(25, True)), str(Share(25)), Share(25).percent) == ("25%", "25", False)
    assert Share(25, True).percent is True
    assert (Keep(7, 8.0).operations, Keep(7, 8.0).seconds) == (7, 8.0)


def test_option_names_itself_in_an_error() -> None:
    assert option("--waves", parse_wave_sizes, "2") == (Share(2),)
    with pytest.raises(UsageError, match=r"^--waves: invalid size of a wave 'x'"):
        option("--waves", parse_wave_sizes, "x")


PAIRS = [
    (parse_share, kinds.Share),
    (parse_wave_sizes, kinds.Waves),
    (parse_size, kinds.Size),
    (parse_keep, kinds.Keep),
]


@pytest.mark.parametrize(("parse", "kind"), PAIRS)
@given(st.text("0123456789%,kKmMgGiIbBdays forevl", max_size=7))
def test_whatever_the_schema_accepts_can_be_parsed(parse: Callable[[str], Any], kind: Any, text: str) -> None:
    if re.search(get_args(kind)[1].pattern, text):
        parse(text)
