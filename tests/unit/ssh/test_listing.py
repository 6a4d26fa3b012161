"""Which connections are ended when all of them need too much memory."""

from __future__ import annotations

import os

import pytest

from stentor.ssh.listing import Master, _memory, _used, least_used

NOW = 10_000.0
BUSY = Master("busy", "/b", 1, NOW - 100, 30, 10.0)
IDLE = Master("idle", "/i", 2, NOW - 1000, 30, 10.0)
NEW = Master("new", "/n", 3, NOW, 30, 0.5)


@pytest.mark.parametrize(
    ("most", "ended"),
    [(90, []), (89, [IDLE]), (60, [IDLE]), (59, [IDLE, BUSY]), (0, [IDLE, BUSY, NEW])],
)
def test_the_least_used_end_first_and_no_more_than_must(most: int, ended: list[Master]) -> None:
    assert least_used([BUSY, IDLE, NEW], most, NOW) == ended


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="the system does not tell")
def test_memory_and_time_are_those_of_a_process() -> None:
    assert 1_000_000 < _memory(os.getpid()) < 4_000_000_000
    assert _used(os.getpid()) > 0
    assert (_memory(0), _used(0)) == (0, 0.0)
