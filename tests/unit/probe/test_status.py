from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Event, Finished, Notice, Output, Started
from stentor.outcome import Outcome
from stentor.probe.columns import LAYOUTS, Aspect, size, span
from stentor.probe.facts import Disk, Facts
from stentor.probe.status import Status, changes, judge, read_statuses, skew, warnings
from tests.unit.probe.test_facts import DEBIAN

NOW = 1795487959.5
OK = Outcome("crtr", "ok", 0)
FACTS = Facts(os="Debian 12.11", kernel="6.1.0-18-amd64", complete=True)


def started(node: str) -> Started:
    return Started(node, 1)


@given(st.lists(st.integers(1, 40), max_size=60), st.booleans())
def test_output_may_come_in_any_pieces_and_before_the_start(cuts: list[int], late: bool) -> None:
    pieces, rest = [], DEBIAN
    for cut in cuts:
        pieces.append(Output("crtr", "stdout", rest[:cut]))
        rest = rest[cut:]
    pieces.append(Output("crtr", "stdout", rest))
    events: list[Event] = [*pieces]
    events.insert(1 if late else 0, started("crtr"))
    events += [Output("crtr", "stderr", b"noise\n"), Finished("crtr", OK)]
    [status] = read_statuses(events, clock=lambda: NOW)
    assert isinstance(status, Status)
    assert status.outcome.ok
    assert status.facts
    assert status.facts.kernel == "6.1.0-18-amd64"
    assert status.clock_skew == 0.0


def test_nodes_do_not_mix_and_notices_pass() -> None:
    def events() -> Iterator[Event]:
        yield started("a")
        yield started("b")
        yield Output("a", "stdout", b"stentor_probe=1\nuname=Linux 1 x\n")
        yield Output("b", "stdout", b"stentor_probe=1\nuname=Linux 2 x\n")
        yield Notice("", "hello")
        yield Output("b", "stdout", b"stentor_probe_end=1\n")
        yield Finished("b", OK._replace(node="b"))
        yield Output("a", "stdout", b"stentor_probe_end=1\n")
        yield Finished("a", OK._replace(node="a"))
        yield Finished("c", Outcome("c", "refused", reason="connection refused"))

    found = list(read_statuses(events(), clock=lambda: NOW))
    assert [s.facts.kernel for s in found if isinstance(s, Status) and s.facts] == ["2", "1"]
    assert found[0] == Notice("", "hello")
    assert found[-1] == Status(Outcome("c", "refused", reason="connection refused"))


def test_a_node_that_talks_without_end_takes_no_memory() -> None:
    events = [Output("a", "stdout", b"x" * 65536) for _ in range(100)]
    [status] = read_statuses([*events, Finished("a", OK)], clock=lambda: NOW)
    assert isinstance(status, Status)
    assert status.outcome.kind == "shell-broken"


def test_a_shell_that_ends_early_is_broken() -> None:
    silent = judge(OK, b"", NOW, NOW)
    cut = judge(OK, DEBIAN[:200], NOW, NOW)
    failed = judge(OK._replace(kind="failed", code=9), b"", NOW, NOW)
    assert (silent.outcome.kind, silent.outcome.reason) == ("shell-broken", "the probe said nothing")
    assert (cut.outcome.kind, cut.outcome.reason) == ("shell-broken", "the probe did not come to its end")
    assert "stentor ssh crtr" in cut.outcome.hint
    assert failed.outcome.kind == "failed"


@pytest.mark.parametrize(("clock", "expected"), [(100, 0.0), (99, 0.0), (106, 0.0), (200, 95.0), (40, -60.0)])
def test_skew(clock: int, expected: float) -> None:
    assert skew(clock, 100.0, 105.0) == expected


def test_warnings() -> None:
    full = Disk("/home/node", 99, 100, 100)
    facts = FACTS._replace(root=Disk("/", 1, 2, 50), home=full, home_writable=False, hung=("df of /",))
    assert warnings(Status(OK, facts, 3600.0)) == [
        "/home/node is 100% full",
        "the home directory cannot be written",
        "its clock is 1h ahead",
        "df of / does not answer (a dead network disk, a stopped server?)",
    ]
    assert warnings(Status(OK, FACTS, 0.0)) == []
    assert warnings(Status(OK._replace(kind="refused"))) == []


def test_the_same_disk_is_a_worry_once() -> None:
    disk = Disk("/", 99, 100, 99)
    assert warnings(Status(OK, FACTS._replace(root=disk, home=disk))) == ["/ is 99% full"]


def test_changes() -> None:
    up = Status(OK, FACTS)
    gone = Status(OK._replace(kind="unreachable", reason="no answer in 5 s"))
    assert changes({}, [up]) == ["crtr: up (Debian 12.11, 6.1.0-18-amd64)"]
    assert changes({"crtr": up}, [Status(OK, FACTS._replace(load=0.5, cores=2, uptime=9.0))]) == []
    assert changes({"crtr": up}, [gone]) == [
        "crtr: up (Debian 12.11, 6.1.0-18-amd64) -> unreachable (no answer in 5 s)"
    ]


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (0, "0s", "0s"),
        (59, "59s", "59s"),
        (60, "1m", "1m"),
        (3599, "59m", "59m"),
        (3600, "1h", "1h"),
        (12000, "3h 20m", "3h"),
        (86400 * 12 + 3 * 3600 + 5, "12d 3h", "12d"),
        (86400 * 400, "400d", "400d"),
    ],
)
def test_span(seconds: float, long: str, short: str) -> None:
    assert (span(seconds), span(seconds, 1)) == (long, short)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1K"),
        (1 << 20, "1.0M"),
        (512 << 20, "512M"),
        (25 << 30, "25G"),
        (1 << 50, "1.0P"),
    ],
)
def test_size(number: int, expected: str) -> None:
    assert size(number) == expected


@given(st.integers(0, 1 << 60))
def test_sizes_are_short(number: int) -> None:
    assert len(size(number)) <= 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_column_can_say_that_nothing_is_known(layout: tuple[Aspect, ...]) -> None:
    for aspect in layout:
        assert aspect.write(Facts()).text in ("?", "-")


def test_bad_values_stand_out() -> None:
    facts = Facts(load=9.0, cores=4, memory_used=90, memory_total=100, root=Disk("/", 1, 2, 96))
    styles = {aspect.title: aspect.write(facts).style for aspect in LAYOUTS[-1]}
    assert (styles["LOAD"], styles["MEM"], styles["DISK"]) == ("bad", "warning", "bad")


def test_a_disk_that_hangs_is_said_in_its_column() -> None:
    written = {a.title: a.write(Facts(hung=("df of /",))) for a in LAYOUTS[-1]}
    assert written["DISK"].text == "hung"
