"""The deadline of a change: by a clock that is set meanwhile, and on a node where nothing keeps it."""

from __future__ import annotations

import ctypes
import glob
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor.dotfiles import program
from tests.integration.dotfiles.practice import FACTS, Home
from tests.support import lacking, need
from tests.terminal import wait

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
PATIENCE = 200.0  # seconds


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(str(tmp_path))
    made.commit({"dot_x": "1\n"})
    made.clone()
    made.chezmoi("apply")
    return made


def changed(home: Home) -> str:
    return home.commit({"dot_x": "2\n"})


class Clock:
    """The clock of a node whose programs are told the time by libfaketime; it can be set while they run."""

    def __init__(self, home: Home) -> None:
        found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not found:
            lacking("no libfaketime")
        self._file = os.path.join(home.folder, "time")
        self.set("+0")
        # What the library shares between processes stays behind where the one that made it is killed, or
        # becomes another program. So it is given some of ours, which goes with this test.
        semaphore, memory = (f"/stentor-clock-{what}-{os.getpid()}" for what in ("semaphore", "memory"))
        ctypes.CDLL(None).sem_open(semaphore.encode(), os.O_CREAT, 0o600, 1)
        self._shared = [Path(f"/dev/shm/sem.{semaphore[1:]}"), Path(f"/dev/shm{memory}")]
        self._shared[1].write_bytes(bytes(8))
        home.extra |= {
            "LD_PRELOAD": found[0],
            "FAKETIME_SHARED": f"{semaphore} {memory}",
            "FAKETIME_TIMESTAMP_FILE": self._file,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        with open(f"{self._file}.new", "w") as file:
            file.write(f"{offset}\n")
        os.replace(file.name, self._file)  # a program that found it empty would end

    def close(self) -> None:
        """Remove what its programs shared."""
        for path in self._shared:
            path.unlink()


@pytest.fixture
def faked(home: Home) -> Iterator[Clock]:
    made = Clock(home)
    yield made
    home.kill_all()
    made.close()


def text_for(clock: str) -> str:
    """The program as on a node where /proc tells the time since the start, or none is (macOS)."""
    text = program.compose(facts=FACTS)
    return text if clock == "proc" else text.replace("/proc/uptime", "/proc/none")


@pytest.mark.parametrize("jump", ["+1d", "-1d"])
@pytest.mark.parametrize("clock", ["proc", "none"])
def test_a_change_is_reverted_in_time_whatever_the_clock_is_set_to(
    home: Home, faked: Clock, clock: str, jump: str
) -> None:
    text = text_for(clock)
    before = home.manifest()
    assert home.begin(changed(home), text=text, window="4").all("begun") == ["op1"]
    faked.set(jump)
    wait(lambda: not os.path.exists(home.state("pending")), "it is reverted", PATIENCE)
    assert home.manifest() == before
    home.kill_all()


@pytest.mark.parametrize("jump", ["+1d", "-1d"])
def test_a_change_can_be_confirmed_whatever_the_clock_is_set_to(home: Home, faked: Clock, jump: str) -> None:
    assert home.begin(changed(home)).all("begun") == ["op1"]
    faked.set(jump)
    assert home.run("settle", op="op1").all("state") == ["none"], "nobody's time is up"
    assert home.confirm().all("state") == ["confirmed"]
    home.kill_all()


def test_where_the_kernel_tells_when_it_started_a_clock_that_is_set_ends_nothing(
    home: Home, faked: Clock
) -> None:
    """As on macOS and the BSDs, where that time goes along with the clock; a stand-in of sysctl says it."""
    text = text_for("none")
    asks = 'echo "{ sec = $(($(date +%s) - 1000)), usec = 5 } Thu Jan  1 00:00:01 1970"'
    home.write(f"{home.home}/bin/sysctl", f"#!/bin/sh\n{asks}\n", 0o755)
    text = text.replace("PATH=${STENTOR_STAND_IN:+", "PATH=$HOME/bin:${STENTOR_STAND_IN:+")
    assert home.begin(changed(home), text=text).all("begun") == ["op1"]
    faked.set("+1d")
    settled = home.run("settle", op="op1", text=text)
    assert settled.all("state") == ["none"], settled
    assert int(settled.all("pending")[0].split()[-1]) <= 60
    assert home.confirm().all("state") == ["confirmed"]
    home.kill_all()


@pytest.mark.parametrize("verb", ["status", "settle", "plan", "begin"])
def test_a_contact_after_the_node_went_down_undoes_what_is_overdue_or_says_so(home: Home, verb: str) -> None:
    """Where neither systemd nor cron has done it. The time since the start of the system begins anew."""
    need("git")
    before = home.manifest()
    rev = changed(home)
    assert home.begin(rev, window="600").all("begun") == ["op1"]
    home.reboot()
    answer = home.run(verb, op="op2", rev=rev, branch="main", token="t")
    if verb in ("status", "plan"):  # they write nothing
        operation, revision, state, left = answer.all("pending")[0].split()
        assert (operation, revision, state, int(left) < 0) == ("op1", rev, "armed", True)
        assert home.run("revert").all("state") == ["reverted"]
    elif verb == "begin":
        assert answer.all("reverted") == ["op1 the node went down before it was confirmed"], answer
    else:
        assert answer.all("pending") == []
    assert home.manifest() == before
    home.kill_all()


def test_a_deadline_whose_process_was_killed_is_overdue_at_the_next_contact(home: Home) -> None:
    before = home.manifest()
    assert home.begin(changed(home), window="60").all("begun") == ["op1"]
    home.kill_all()
    home.write(home.state("pending/until"), "0\n")
    assert int(home.run("status").all("pending")[0].split()[-1]) < 0
    assert home.run("settle", op="x").all("reverted") == ["op1 nobody confirmed it in time"]
    assert home.manifest() == before
    home.kill_all()
