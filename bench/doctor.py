"""``stentor doctor`` on fifty practice nodes: how far it is from one pass of the slowest shell."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from bench.measure import Program, once, say
from bench.sections import BIN, World, ratio
from bench.table import Row
from stentor import lab as labs
from stentor.lab import processes
from stentor.lab.plan.process_tree import tree

SLEEP = 4
MOST_ROUNDS = 3  # each takes ten seconds and more
# One pass is as long as the slowest shell; what is found slow after half a second is followed beside it.
PASS_AIM = 1.5
SHELL_AIM = 1.2


class Look(NamedTuple):
    """One run of the doctor over all nodes. Seconds.

    Attributes:
        wall: from its start to its end.
        cpu: of the controller and of all that ran on the nodes.
        slowest: the slowest shell, by the doctor's own word.
    """

    wall: float
    cpu: float
    slowest: float


def doctor(world: World, count: int) -> Iterator[Row]:
    """Healthy nodes over warm connections, then the same nodes asleep in each kind of shell."""
    lab = labs.up(f"{world.folder}/doctor", nodes=count, all_up=True)
    try:
        say(f"doctor: {count} nodes, the first time")
        look(world, lab)
        rounds = min(world.rounds, MOST_ROUNDS)
        healthy = median([look(world, lab) for _ in range(rounds)])
        for alias in lab.nodes:
            profile, bashrc = lab.home(alias) / ".profile", lab.home(alias) / ".bashrc"
            asleep = f"sleep {SLEEP}\n"
            profile.write_text(f"{profile.read_text()}case $- in *i*) ;; *) {asleep};; esac\n")
            bashrc.write_text(bashrc.read_text() + asleep)  # which is left before that by other than people
        slow = median([look(world, lab) for _ in range(rounds)])
        fleet = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir)]
        others = [
            (name, once(Program(f"stentor {name}", [*fleet, name]), world.folder))
            for name in ("status", "facts")
        ]
    finally:
        lab.down()
    cores, name = os.cpu_count() or 1, f"doctor of {count} nodes"
    for state, seen in (("healthy", healthy), (f"asleep for {SLEEP} s in each shell", slow)):
        load = os.getloadavg()[0]
        numbers = f"{seen.wall:.1f} s, {seen.cpu:.1f} s of work on {cores} cores, load {load:.0f}"
        bound = seen.cpu / cores
        yield Row(f"{name}, {state}: wall time / the work of all", seen.wall / bound, detail=numbers)
    more = slow.wall - healthy.wall
    numbers = f"{slow.wall:.1f} - {healthy.wall:.1f} s / {slow.slowest:.1f} s"
    added = more / slow.slowest
    yield Row(f"{name}: what slow shells add / the slowest shell", added, PASS_AIM, detail=numbers)
    for command, wall in [("doctor", slow.wall), *((name, sample.wall) for name, sample in others)]:
        what = f"{command} of {count} nodes, asleep: wall time / the slowest shell"
        yield ratio(what, wall, slow.slowest, SHELL_AIM, False)


def look(world: World, lab: labs.Lab) -> Look:
    """Run it once."""
    argv = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir), "doctor", "--json"]
    before = work(lab)
    sample = once(Program("stentor doctor", argv), world.folder)
    with open(f"{world.folder}/output") as file:
        lines = [line for line in map(json.loads, file) if line["type"] == "doctor"]
    bad = [line["node"] for line in lines if line["kind"] != "ok"]
    if bad or len(lines) != len(lab.nodes):
        raise RuntimeError(f"doctor: {len(lines)} of {len(lab.nodes)} nodes, not looked at: {bad}")
    slowest = max(shell["seconds"] for line in lines for shell in line["shells"])
    return Look(sample.wall, sample.cpu + work(lab) - before, slowest)


def work(lab: labs.Lab) -> float:
    """Seconds of processor which the nodes' processes have had since they began, with those that ended."""
    table = processes.table()
    roots = [
        pid for pid, process in table.items() if any(str(lab.directory) in word for word in process.words)
    ]
    ticks = 0
    for pid in tree(table, roots):
        with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            ticks += sum(map(int, file.read().rpartition(b")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def median(looks: list[Look]) -> Look:
    """The run whose wall time is in the middle."""
    return sorted(looks)[len(looks) // 2]
