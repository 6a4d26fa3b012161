"""Exports of large fleets: beside an empty Python, and ClusterShell asking stentor beside a plain file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from bench import peers
from bench.hosts import addresses
from bench.measure import Program, alternate, once
from bench.sections import BIN, World, ratio
from bench.table import Row
from stentor.export.formats import FORMATS

# Milliseconds over an empty Python, MB, and times the wall time with a plain file of groups.
AIM, MEMORY_AIM, LIVE_AIM = 300, 100, 2


def exports(world: World, count: int) -> Iterator[Row]:
    """The inventory of so many nodes, as a file and as an executable one, and the memory of every format."""
    fleet = _fleet(world, count)

    def ours(name: str, *words: str) -> Program:
        return Program(f"export {name}", [f"{BIN}/stentor", "--fleet", fleet, "export", name, *words])

    empty = Program("empty Python", [f"{BIN}/python", "-c", "pass"])
    file = ours("ansible")._replace(answers=count, said='"stentor_role": "node"')
    listed = ours("ansible", "--list")
    base, *samples = alternate([empty, file, listed], world.rounds, world.folder)
    for name, sample in zip(("export ansible", "export ansible --list"), samples, strict=True):
        numbers = f"{1000 * sample.wall:.0f} / {1000 * base.wall:.0f} ms"
        over = 1000 * (sample.wall - base.wall)
        yield Row(f"{name}, {count} nodes: over an empty Python", over, AIM, "ms", numbers)
    most, name = max((once(ours(name), world.folder).memory, name) for name in FORMATS)
    yield Row(f"export of {count} nodes, the largest format: memory", most / 1024, MEMORY_AIM, "MB", name)


def live_groups(world: World, count: int) -> Iterator[Row]:
    """``nodeset`` asks stentor for a group, and reads it from a file."""
    if "clush" in world.absent:
        return
    fleet = _fleet(world, count)
    programs = []
    for name, words in (("groups.d/fleet.yaml", []), ("groups.conf.d/stentor.conf", ["--live"])):
        folder = f"{world.folder}/clustershell{''.join(words)}"
        path = f"{folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{folder}/groups.conf", "w") as file:
            kinds = "confdir: $CFGDIR/groups.conf.d\nautodir: $CFGDIR/groups.d\n"
            file.write(f"[Main]\ndefault: stentor\n{kinds}")
        export = [f"{BIN}/stentor", "--fleet", fleet, "export", "clustershell", *words, "--write", path]
        subprocess.run(export, check=True, capture_output=True)
        argv = [f"{peers.VENV}/bin/nodeset", f"--groupsconf={folder}/groups.conf", "-c", "@gpu"]
        programs.append(Program(f"nodeset, {name}", argv, answers=1, said=str(count // 4)))
    plain, live = alternate(programs, world.rounds, world.folder)
    what = f"nodeset @gpu of {count} nodes asks stentor: wall time / a plain file"
    yield ratio(what, live.wall, plain.wall, LIVE_AIM, False)


def _fleet(world: World, count: int) -> str:
    """A fleet of so many nodes, each fourth in the group ``gpu``."""
    directory = f"{world.folder}/exported-{count}"
    os.makedirs(directory, exist_ok=True)
    nodes = [
        f"  n{number:05}: {{address: {address}, user: me, role: node, vars: {{rack: {number % 40}}}}}\n"
        for number, address in enumerate(addresses(count))
    ]
    with open(f"{directory}/nodes.yaml", "w") as file:
        members = ",".join(f"n{number:05}" for number in range(0, count, 4))
        file.write(f"nodes:\n{''.join(nodes)}groups:\n  gpu: '{members}'\n")
    return directory
