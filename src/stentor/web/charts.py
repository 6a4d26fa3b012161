"""The history of a node's pings as an SVG: a column an hour, and how long answers took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

DAYS = 30
COLUMN = 1.0  # width of an hour
WAY = 48  # height of the line above
WIDTH = DAYS * 24 * COLUMN
_HOUR = 3600


class Hour(Protocol):
    """An hour of pings, as :class:`stentor.hooks.history.Hour` has it."""

    @property
    def at(self) -> int: ...  # noqa: D102
    @property
    def pings(self) -> int: ...  # noqa: D102
    @property
    def up(self) -> int: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102


class Bar(NamedTuple):
    """Hours in a row that were alike: ``up``, ``part``, ``down`` or ``none``."""

    x: float
    width: float
    kind: str


class Chart(NamedTuple):
    """What is drawn."""

    bars: tuple[Bar, ...]  # all of the width
    # Lines through how long answers took, each as ``x,y x,y``; a gap where there was no answer.
    ways: tuple[str, ...]
    most: float  # the longest of these times, seconds


def chart(hours: Sequence[Hour], now: float) -> Chart:
    """Return what is drawn.

    Args:
        hours: those with pings.
        now: seconds since 1970; the chart ends there.
    """
    last = int(now // _HOUR) * _HOUR
    first = last - (DAYS * 24 - 1) * _HOUR
    known = {hour.at: hour for hour in hours if first <= hour.at <= last}
    bars: list[Bar] = []
    for number in range(DAYS * 24):
        kind = _kind(known.get(first + number * _HOUR))
        if bars and bars[-1].kind == kind:
            bars[-1] = bars[-1]._replace(width=bars[-1].width + COLUMN)
        else:
            bars.append(Bar(number * COLUMN, COLUMN, kind))
    most = max((hour.seconds for hour in known.values()), default=0.0)
    return Chart(tuple(bars), tuple(_ways(known, first, most)), most)


def _kind(hour: Hour | None) -> str:
    if hour is None or not hour.pings:
        return "none"
    if hour.up == hour.pings:
        return "up"
    return "part" if hour.up else "down"


def _ways(known: Mapping[int, Hour], first: int, most: float) -> list[str]:
    ways: list[list[str]] = [[]]
    for number in range(DAYS * 24):
        hour = known.get(first + number * _HOUR)
        if hour is None or not hour.up:
            ways.append([])
            continue
        y = WAY - (hour.seconds / most if most else 0.0) * (WAY - 2)
        ways[-1] += [f"{number * COLUMN:g},{y:.1f}", f"{(number + 1) * COLUMN:g},{y:.1f}"]
    return [" ".join(way) for way in ways if way]
