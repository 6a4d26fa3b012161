"""Nodes behind gateways: the tree, and clush with the same topology. More of it: ``python -m bench.tree``."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import tree
from bench.measure import Program, alternate, say
from bench.sections import World, ratio
from bench.table import Row
from tests.gateways import start_branches

GATES = 4
AIM = 1.0


def gateways(world: World, leaves: int) -> Iterator[Row]:
    """One command on so many leaves; stentor's connections to the gateways are there already."""
    say(f"{leaves} leaves behind {GATES} gateways: starting")
    place = Path(tempfile.mkdtemp(prefix="t-", dir=world.folder))
    branches = start_branches(place, gates=GATES, leaves=leaves // GATES)
    environ = {**tree.environ_of(place / "me"), "STENTOR_FLEET": str(branches.fleet_dir)}
    try:
        tree.quietly(branches, ["run", "@gates", "true"], {**os.environ, **environ})
        ours = Program("through gateways", branches.inside(tree.through_gateways()), environ, leaves)
        programs = [ours._replace(shown=" ".join(tree.through_gateways()))]
        if "clush" not in world.absent:
            words, more = tree.clush_words(branches, place)
            theirs = Program("clush with a topology", branches.inside(words), {**environ, **more}, leaves)
            programs.append(theirs._replace(shown=" ".join(words)))
        a, *others = alternate(programs, world.rounds, world.folder)
        for b in others:
            what = f"{leaves} leaves behind {GATES} gateways"
            yield ratio(f"{what}: wall time / clush in the same tree", a.wall, b.wall, AIM)
            yield ratio(f"{what}: CPU of the controller / clush in the same tree", a.cpu, b.cpu, None)
        yield Row(f"{leaves} leaves behind {GATES} gateways: memory", a.memory / 1024, None, "MB")
    finally:
        tree.quietly(branches, ["masters", "stop", "@all"], {**os.environ, **environ})
        branches.stop()
        shutil.rmtree(place, ignore_errors=True)
