"""A fleet behind gateways: what a run through the tree keeps, and what a failed gateway costs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import processes
from tests.gateways import Branches

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

Run = Callable[..., Any]
KILLED, HUNG = "is killed", "hangs"
HALF = "loses half of its nodes"
WITHIN_A_WAVE = [
    (KILLED, 6, "ok"),
    (KILLED, 5, "cancelled"),
    (HUNG, 6, "ok"),
    (HUNG, 5, "cancelled"),
    (HALF, 3, "ok"),
    (HALF, 2, "cancelled"),
]
"""What becomes of a gateway, how many nodes may fail, and the outcome of the next wave."""
WORDS: dict[object, str] = {
    name: f"{os.getpid()}{number}"
    for number, name in enumerate(("limit", "signal", "kill", "hang", *WITHIN_A_WAVE), 1)
}
"""How long the commands sleep, by which they are found: no two runs of this file have the same."""
ODD = b"10%\r20%\r\r\n\0\xff<a>&amp;\n no end"


@pytest.fixture
def four(make_branches: Callable[..., Branches]) -> Branches:
    return make_branches(gates=4, leaves=6)


@pytest.fixture
def pair(make_branches: Callable[..., Branches]) -> Branches:
    """Two gateways, each a way to both networks of leaves."""
    return make_branches(gates=2, leaves=4, spare=True)


def outcomes(said: Any) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    found = [line for line in lines if line["type"] == "finished"]
    assert len({line["node"] for line in found}) == len(found), "one outcome each"
    return {line["node"]: line for line in found}


def kinds(said: Any) -> dict[str, str]:
    return {node: line["kind"] for node, line in outcomes(said).items()}


def letters(found: Mapping[str, str]) -> dict[str, set[str]]:
    """First letter of a node to the outcomes of all that have it."""
    result: dict[str, set[str]] = {}
    for node, kind in found.items():
        result.setdefault(node[0], set()).add(kind)
    return result


def begun(branches: Branches, word: str, count: int) -> None:
    """Wait until a program of this name runs so many times."""
    for _ in processes.ticks(60):
        table = processes.table()
        if sum(process.words[:2] == ("sleep", word) for process in table.values()) >= count:
            return
    raise AssertionError(f"'sleep {word}' runs less than {count} times")


def runs(word: str) -> int:
    return sum(one.words[:2] == ("sleep", word) for one in processes.table().values() if one.state != "Z")


def test_every_leaf_is_reached_through_its_own_gateway(four: Branches, stentor: Run) -> None:
    said = stentor("run", "--json", "@leaves", "echo $SSH_CONNECTION", fleet=four)
    assert said.code == 0, said.stderr + said.stdout
    found = {}
    for line in map(json.loads, said.stdout.splitlines()):
        if line["type"] == "output":
            found[line["node"]] = line["text"].split()
    assert len(found) == 24
    for node, (gateway, _, leaf, _) in found.items():
        net = "abcd".index(node[0]) + 1
        assert (gateway, leaf) == (f"198.20.{net}.1", f"198.19.{net}.{int(node[1:])}")
    assert not four.gateway_processes("gw1"), "nothing stays on a gateway"


def test_bytes_codes_and_streams_are_kept(four: Branches, stentor: Run, tmp_path: Path) -> None:
    shown = "".join(f"\\{byte:03o}" for byte in ODD)
    line = f"printf '{shown}'; printf 'e\\rr' >&2; exit"
    for code in (0, 76, 255):
        said = stentor(
            *("run", "--json", "-o", tmp_path / str(code), "a01,b02", f"{line} {code}"), fleet=four
        )
        assert {one["code"] for one in outcomes(said).values()} == {code}
        for node in ("a01", "b02"):
            assert (tmp_path / str(code) / f"{node}.out").read_bytes() == ODD
            assert (tmp_path / str(code) / f"{node}.err").read_bytes() == b"e\rr"


def test_large_output_comes_whole(four: Branches, stentor: Run, tmp_path: Path) -> None:
    said = stentor("run", "-q", "-o", tmp_path, "a01,a02", "seq 300000", fleet=four)
    assert said.code == 0
    wanted = "".join(f"{number}\n" for number in range(1, 300001))
    assert all((tmp_path / f"{node}.out").read_text() == wanted for node in ("a01", "a02"))


def test_timeout_keeps_what_was_written_and_ends_the_processes(four: Branches, stentor: Run) -> None:
    said = stentor(
        "run", "--json", "--timeout", "2", "a01,a02,b01", f"printf partly; sleep {WORDS['limit']}", fleet=four
    )
    found = outcomes(said)
    assert {one["kind"] for one in found.values()} == {"timed-out"}
    # The leaves here are one machine, with one mark: the first that is told ends the processes of all.
    ends = {one["remote"] for one in found.values()}
    assert "ended by TERM" in ends
    assert ends <= {"ended by TERM", "had ended already"}
    texts = [
        line.get("text") for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "output"
    ]
    assert texts == ["partly"] * 3
    assert runs(WORDS["limit"]) == 0


def test_interrupt_ends_the_processes(four: Branches, environ: dict[str, str]) -> None:
    words = [sys.executable, "-m", "stentor", "run", "@leaves", f"sleep {WORDS['signal']}"]
    environ = {**environ, "STENTOR_FLEET": str(four.fleet_dir)}
    process = subprocess.Popen(
        four.inside(words), env=environ, cwd=environ["HOME"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    begun(four, WORDS["signal"], 24)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=90)
    assert b"24 cancelled" in stderr, (stdout, stderr, process.returncode)
    assert runs(WORDS["signal"]) == 0
    assert not four.gateway_processes("gw1")


def test_leaf_that_is_down_is_one_outcome(four: Branches, stentor: Run) -> None:
    four.on("b", "for n in 1 2 3; do ip addr del 198.19.2.$n/32 dev lo; done")
    said = stentor("run", "--json", "-t", "2", "@leaves", "true", fleet=four)
    found = outcomes(said)
    down = {node for node, one in found.items() if one["kind"] == "unreachable"}
    assert down == {"b01", "b02", "b03"}
    assert "behind gw2" in found["b01"]["reason"]
    assert sum(one["kind"] == "ok" for one in found.values()) == 21


def test_gateway_out_of_reach_costs_its_own_nodes(four: Branches, stentor: Run) -> None:
    four.cut("gw2")
    said = stentor("run", "--json", "-t", "2", "@leaves", "true", fleet=four)
    found = outcomes(said)
    assert letters(kinds(said)) == {"a": {"ok"}, "b": {"unreachable"}, "c": {"ok"}, "d": {"ok"}}
    assert all("gateway gw2: " in one["reason"] for node, one in found.items() if node[0] == "b")


def while_it_sleeps(four: Branches, stentor: Run, word: str, act: Callable[[], object], *options: str) -> Any:
    """Run on all leaves a command that waits, and do something to a gateway once all of them are begun."""

    def later() -> None:
        begun(four, word, 24)
        act()
        time.sleep(0.5)
        # Those of gateways that are well go on to their end.
        for pid, process in processes.table().items():
            if process.words[:2] == ("sleep", word):
                os.kill(pid, signal.SIGALRM)

    thread = threading.Thread(target=later)
    thread.start()
    line = f"echo begun; sleep {word} || true; echo done"
    said = stentor("run", "--json", *options, "@leaves", line, fleet=four, timeout=200)
    thread.join()
    return said


def test_gateway_killed_in_the_middle_costs_its_own_nodes(four: Branches, stentor: Run) -> None:
    said = while_it_sleeps(four, stentor, WORDS["kill"], lambda: four.signal_gateway("gw2", signal.SIGKILL))
    assert letters(kinds(said)) == {"a": {"ok"}, "b": {"lost"}, "c": {"ok"}, "d": {"ok"}}
    for node, one in outcomes(said).items():
        assert node[0] != "b" or "gateway gw2: " in one["reason"]
    texts = [line for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "output"]
    assert len({line["node"] for line in texts if "begun" in line["text"]}) == 24, "partial output is kept"


def test_hung_gateway_costs_its_own_nodes_and_is_ended(four: Branches, stentor: Run) -> None:
    hung = []
    act = lambda: hung.extend(four.signal_gateway("gw3", signal.SIGSTOP))  # noqa: E731
    said = while_it_sleeps(four, stentor, WORDS["hang"], act, "-t", "2")
    assert letters(kinds(said)) == {"a": {"ok"}, "b": {"ok"}, "c": {"lost"}, "d": {"ok"}}
    assert "gateway gw3: it stopped answering" in outcomes(said)["c01"]["reason"]
    for _ in processes.ticks(10):
        if not any(processes.alive(pid) for pid in hung):
            break
    assert hung
    assert not any(processes.alive(pid) for pid in hung), "it is not left to go on later"


def test_slow_gateway_is_waited_for(four: Branches, stentor: Run) -> None:
    four.on("gw1", "tc qdisc add dev outer root tbf rate 120kbit burst 2kb latency 2s")
    said = stentor("run", "--json", "-t", "15", "@leaves", "true", fleet=four, timeout=200)
    assert set(kinds(said).values()) == {"ok"}


def test_another_gateway_takes_over(pair: Branches, stentor: Run) -> None:
    pair.cut("gw1")
    said = stentor("run", "--json", "-t", "2", "@leaves", "echo $SSH_CONNECTION", fleet=pair)
    assert set(kinds(said).values()) == {"ok"}
    ways = {
        line["text"].split()[0]
        for line in map(json.loads, said.stdout.splitlines())
        if line["type"] == "output"
    }
    assert ways == {"198.20.1.5", "198.20.2.1"}, "both networks, through gw2"


def bare_python(branches: Branches, gate: str) -> None:
    """Leave a gateway with a Python that has no ClusterShell."""
    home = branches.directory / "home" / gate
    (home / ".local/state/stentor/gateway").unlink()
    bare = branches.directory / "bare"
    bare.mkdir()
    (bare / "python3").symlink_to("/usr/bin/python3")
    (home / ".bashrc").write_text(f"PATH={bare}:$PATH\n")


def test_gateway_without_clustershell_is_said_before_anything_runs(four: Branches, stentor: Run) -> None:
    bare_python(four, "gw4")
    said = stentor("run", "--json", "--engine", "clustershell", "@leaves", "true", fleet=four)
    assert letters(kinds(said)) == {"a": {"ok"}, "b": {"ok"}, "c": {"ok"}, "d": {"unreachable"}}
    one = outcomes(said)["d01"]
    assert "gateway gw4: ClusterShell is not installed for " in one["reason"]
    assert one["hint"] == "stentor gateway install gw4"
    said = stentor("run", "--json", "@leaves", "true", fleet=four)
    assert set(kinds(said).values()) == {"ok"}, "with auto its nodes are reached directly"
    assert "its nodes are reached directly" in said.stderr + said.stdout


def test_waves_go_on_behind_the_gateways_that_are_well(four: Branches, stentor: Run) -> None:
    four.cut("gw2")
    said = stentor(
        *("run", "--json", "-t", "2", "--canary", "a01", "--waves", "50%", "--max-failures", "6"),
        *("@leaves", "true"),
        fleet=four,
        timeout=200,
    )
    assert letters(kinds(said)) == {"a": {"ok"}, "b": {"unreachable"}, "c": {"ok"}, "d": {"ok"}}


@pytest.mark.parametrize(("what", "limit", "rest"), WITHIN_A_WAVE)
def test_what_fails_within_a_wave_counts_for_its_nodes(
    four: Branches, stentor: Run, what: str, limit: int, rest: str
) -> None:
    """The first wave is behind two gateways; what is left of the run is decided by how many may fail."""
    word, go = WORDS[what, limit, rest], four.directory / "go"

    def later() -> None:
        begun(four, word, 12)
        go.touch()
        if what == HALF:
            four.on("b", "for n in 1 2 3; do ip addr del 198.19.2.$n/32 dev lo; done")
        else:
            four.signal_gateway("gw2", signal.SIGKILL if what == KILLED else signal.SIGSTOP)
        time.sleep(0.5)
        for pid, process in processes.table().items():
            if process.words[:2] == ("sleep", word):
                os.kill(pid, signal.SIGALRM)

    thread = threading.Thread(target=later)
    thread.start()
    options = ("-t", "2", "--waves", "50%", "--max-failures", str(limit), "--yes-really", "24")
    line = f"[ -e {go} ] || sleep {word} || true"
    said = stentor("run", "--json", *options, "@leaves", line, fleet=four, timeout=200)
    thread.join()
    found = outcomes(said)
    failed = {f"b{number:02}" for number in range(1, 4 if what == HALF else 7)}
    first = {f"{letter}{number:02}" for letter in "ab" for number in range(1, 7)}
    assert {node for node in first if found[node]["kind"] != "ok"} == failed
    assert {found[node]["kind"] for node in failed} == {"lost"}
    assert all("gw2" in found[node]["reason"] for node in failed), found
    assert {one["kind"] for node, one in found.items() if node not in first} <= {rest}
    assert rest != "ok" or len(found) == 24
    shown = stentor("show", "@last", fleet=four).stdout
    assert shown.count(f"not begun: {len(failed)} failed, limit is {limit}") == (0 if rest == "ok" else 12)


def test_input_goes_the_flat_way(four: Branches, stentor: Run) -> None:
    said = stentor("run", "--json", "--stdin", "a01,b01", "cat", input="through\n", fleet=four)
    texts = [line["text"] for line in map(json.loads, said.stdout.splitlines()) if line["type"] == "output"]
    assert texts == ["through\n"] * 2


def test_preview_says_which_way_and_why(four: Branches, stentor: Run) -> None:
    assert stentor("run", "--engine", "openssh", "a01,b01", "true", fleet=four).code == 0
    said = stentor("run", "--dry-run", "a01,b01", "true", fleet=four)
    why = "auto: 2 nodes behind gateways, 0 of them without a warm connection, fewer than tree.least (2)"
    assert f"warm connection ({why})" in said.stdout
    stentor("masters", "stop", "a01,b01", fleet=four)
    said = stentor("run", "--dry-run", "a01,b01", "true", fleet=four)
    why = "auto: 2 nodes behind gateways, at least tree.least (2)"
    assert f"a01   tree: through gw1 ({why})" in said.stdout
    said = stentor("run", "--dry-run", "a01", "true", fleet=four)
    assert "(auto: 1 node behind gateways, fewer than tree.least (2))" in said.stdout
    said = stentor("run", "--dry-run", "--engine", "clustershell", "a01", "true", fleet=four)
    assert "a01   tree: through gw1 (engine: clustershell)" in said.stdout


def test_what_a_gateway_lacks_is_installed_without_the_network(four: Branches, stentor: Run) -> None:
    bare_python(four, "gw4")
    said = stentor("gateway", "check", "gw1,gw4", fleet=four)
    assert said.code == 1
    lines = said.stdout.splitlines()
    assert lines[0].startswith("gw1: Python 3.")
    assert lines[1].startswith("gw4: ClusterShell is not installed for ")
    assert "hint: stentor gateway install gw4" in said.stderr
    said = stentor("gateway", "install", "gw4", fleet=four)
    assert said.code == 0, said.stderr
    assert "/home/gw4/.local/state/stentor/gateway/bin/python)" in said.stdout
    said = stentor("run", "--json", "--engine", "clustershell", "@leaves", "true", fleet=four)
    assert set(kinds(said).values()) == {"ok"}
