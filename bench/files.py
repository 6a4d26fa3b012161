"""Files to many nodes: one large file, and a tree of small ones; every tool over warm connections.

On the practice fleet, where each node has a HOME of its own: on hosts which share one, a tool would find
what another one has just brought. There is no aim: all nodes are this one machine, so that what each does by
itself (checksums, which scp and clush do without, unpacking, renaming) is done by two cores for all of them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator

from bench import masters, peers
from bench.measure import Program, once, say
from bench.sections import World, ratio, take_turns
from bench.table import Row
from stentor import lab as labs
from stentor.lab import Lab

LARGE = 10 * 1000 * 1000
FILES, SMALL = 300, 4000


def sections(world: World, count: int) -> Iterator[Row]:
    """Each tool sends everything to every node, and must bring what is there to be the same."""
    place = f"{world.folder}/copy"
    os.makedirs(f"{place}/tree")
    with open(f"{place}/large", "wb") as file:
        file.write(os.urandom(LARGE))
    for number in range(FILES):
        with open(f"{place}/tree/{number}", "wb") as file:
            file.write(os.urandom(SMALL))
    lab = labs.up(f"{world.folder}/lab", nodes=count)
    try:
        control = f"{world.folder}/c"
        masters.start(str(lab.ssh_config), list(lab.nodes), control)
        once(_stentor(lab, "run", "@all", "echo hi"), world.folder)  # starts ours
        for name, what in (("large", f"a file of {LARGE // 10**6} MB"), ("tree", f"{FILES} small files")):
            programs = _programs(world, lab, f"{place}/{name}", control)
            say(f"copy: {what} to {count} nodes")
            samples = take_turns(programs, world)
            ours = samples.pop("stentor copy")
            for rival, sample in samples.items():
                what_for = f"copy {what} to {count} nodes: wall time / {rival}"
                yield ratio(what_for, ours.wall, sample.wall, None)
        masters.end(control)
    finally:
        lab.down()


def _stentor(lab: Lab, *words: str) -> Program:
    return Program(
        "stentor", [f"{os.path.dirname(sys.executable)}/stentor", "--fleet", str(lab.fleet_dir), *words]
    )


def _programs(world: World, lab: Lab, source: str, control: str) -> list[Program]:
    """Every tool with as many nodes at once as there are."""
    names = list(lab.nodes)
    count, base = len(names), os.path.basename(source)
    places = [lab.home(name) / "there" for name in names]

    def fresh() -> None:
        for place in places:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            owner = place.parent.stat()
            os.chown(place, owner.st_uid, owner.st_gid)

    def checked(name: str, line: str) -> Program:
        # It is timed along, so only two are looked at closely.
        check = "".join(f" && test -e {place}/{base}" for place in places)
        check += "".join(f" && diff -r {source} {place}/{base}" for place in (places[0], places[-1]))
        return Program(name, ["sh", "-c", f"{line}{check} && echo hi"], answers=1, before=fresh)

    ssh = f"-F {lab.ssh_config} -o ControlPath={control}/%C"
    each = f"printf '%s\\n' {' '.join(names)} | xargs -P {count} -I@"
    ours = _stentor(lab, "copy", "--quiet", "@all", source, "there/")
    programs = [
        checked("stentor copy", shlex.join(ours.argv)),
        checked("scp", f"{each} scp -q -r -p {ssh} {source} @:there/"),
    ]
    if shutil.which("rsync"):
        programs.append(checked("rsync", f"{each} rsync -aI -e 'ssh {ssh}' {source} @:there/"))
    if "clush" not in world.absent:
        options = shlex.quote(f"-F {lab.ssh_config} -o ControlPath={control}/%%C")
        clush = f"{peers.VENV}/bin/clush -f {count} -o {options} -w {','.join(names)} -p"
        programs.append(checked("clush --copy", f"{clush} --copy {source} --dest there/"))
    return programs
