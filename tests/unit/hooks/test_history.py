"""The history of pings, on a real file; when something is tried again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from stentor.hooks.clock import Retry
from stentor.hooks.database import Database
from stentor.hooks.history import DAYS, HOUR, Answered, Pings
from tests.unit.hooks.test_queue import Clock


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.now = 1_800_000_000.0
    return made


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Database:
    return Database({"XDG_STATE_HOME": str(tmp_path)}, "/fleet", clock)


def test_availability_is_the_share_of_answered_pings(database: Database, clock: Clock) -> None:
    pings = Pings(database)
    for up in (True, True, False, True):
        pings.add([Answered("a", up, 0.25), Answered("b", False, 5.0)])
    found = pings.of("a")
    assert found.availability == 0.75
    (hour,) = found.hours
    assert (hour.pings, hour.up, hour.seconds) == (4, 3, 0.25)
    assert hour.at <= clock.now < hour.at + HOUR
    assert pings.of("b").availability == 0.0
    assert pings.of("b").hours[0].seconds == 0.0
    assert pings.of("c") == (None, ())


def test_it_is_bounded_by_thirty_days_of_hours(database: Database, clock: Clock) -> None:
    pings = Pings(database)
    for _ in range((DAYS + 10) * 24):
        pings.add([Answered("a", True, 0.1)])
        clock.now += HOUR
    assert DAYS * 24 - 1 <= len(pings.of("a").hours) <= DAYS * 24 + 1
    ((kept,),) = database.rows("SELECT COUNT(*) FROM hours", ())
    assert kept <= DAYS * 24 + 1


def test_other_fleets_have_their_own(tmp_path: Path, database: Database, clock: Clock) -> None:
    Pings(database).add([Answered("a", True, 0.1)])
    database.remember("nightly", "2026-11-29")
    other = Database({"XDG_STATE_HOME": str(tmp_path)}, "/other", clock)
    assert Pings(other).of("a").availability is None
    assert other.recall("nightly") == ""
    assert database.recall("nightly") == "2026-11-29"


def test_attempts_come_later_each_time() -> None:
    retry, now, tried = Retry(30, 1800), 0.0, []
    while now < 10_000:
        if retry.due("drtr", now):
            tried.append(now)
        now += 5
    pauses = [later - before for before, later in pairwise(tried)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800, 1800][: len(pauses)]
    retry.forget("drtr")
    assert retry.due("drtr", now)
    assert retry.due("prtr", now), "each has its own"
