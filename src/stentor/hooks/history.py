"""The history of pings: for each node and hour how many were answered, and how fast; 30 days of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from stentor.hooks.database import Database

DAYS = 30
HOUR = 3600


class Hour(NamedTuple):
    """The pings of a node in one hour."""

    at: int  # when the hour began, seconds since 1970
    pings: int  # how many
    up: int  # how many were answered
    seconds: float  # how long an answer took on average; 0 where there was none


class History(NamedTuple):
    """The pings of a node."""

    availability: float | None  # the share of pings that were answered, 0 to 1; None where there were none
    hours: tuple[Hour, ...]  # the oldest first; hours without a ping are left out


class Answered(NamedTuple):
    """A ping: whether the node was up, and how long it took."""

    node: str
    up: bool
    seconds: float


class Pings:
    """The history of a fleet's nodes. Its size is bounded: a line for each node and hour."""

    def __init__(self, database: Database) -> None:
        self._database = database  # where it is kept

    def add(self, round_: Iterable[Answered]) -> None:
        """Add the pings of a round, and forget what is older than 30 days."""
        fleet, now = self._database.fleet, self._database.clock()
        hour = int(now // HOUR) * HOUR
        rows = [(fleet, one.node, hour, int(one.up), one.seconds if one.up else 0.0) for one in round_]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO hours (fleet, node, hour, pings, up, seconds) VALUES (?, ?, ?, 1, ?, ?)"
                " ON CONFLICT (fleet, node, hour) DO UPDATE SET pings = pings + 1, up = up + excluded.up,"
                " seconds = seconds + excluded.seconds",
                rows,
            )
            connection.execute("DELETE FROM hours WHERE fleet = ? AND hour < ?", (fleet, now - DAYS * 86400))

    def of(self, node: str) -> History:
        """Return the history of a node."""
        rows = self._database.rows(
            "SELECT hour, pings, up, seconds FROM hours WHERE fleet = ? AND node = ? AND hour >= ?"
            " ORDER BY hour",
            (self._database.fleet, node, self._database.clock() - DAYS * 86400),
        )
        hours = tuple(Hour(at, pings, up, seconds / up if up else 0.0) for at, pings, up, seconds in rows)
        pings = sum(hour.pings for hour in hours)
        return History(sum(hour.up for hour in hours) / pings if pings else None, hours)
