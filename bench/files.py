"""Files to many hosts: one large file, and a tree of small ones; every tool over warm connections.

There is no aim: all hosts are this one machine, so that what each node does by itself (checksums, which scp
and clush do without, unpacking, renaming) is done by two cores for all of them, and in one directory.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator

from bench import masters, peers
from bench.hosts import addresses, folded
from bench.measure import Program, once, say
from bench.sections import World, ratio, take_turns
from bench.table import Row

LARGE = 10 * 1000 * 1000
FILES, SMALL = 300, 4000


def sections(world: World, count: int) -> Iterator[Row]:
    """All tools write to one place, since all hosts are one machine; each sends everything to every host."""
    place = f"{world.folder}/copy"
    os.makedirs(f"{place}/tree")
    with open(f"{place}/large", "wb") as file:
        file.write(os.urandom(LARGE))
    for number in range(FILES):
        with open(f"{place}/tree/{number}", "wb") as file:
            file.write(os.urandom(SMALL))
    control = f"{world.folder}/c"
    masters.start(world.hosts.ssh_config, addresses(count), control)
    once(world.run(count), world.folder)  # starts ours
    for name, what in (("large", f"a file of {LARGE // 10**6} MB"), ("tree", f"{FILES} small files")):
        programs = _programs(world, count, f"{place}/{name}", f"{place}/there", control)
        say(f"copy: {what} to {count} hosts")
        samples = take_turns(programs, world)
        ours = samples.pop("stentor copy")
        for rival, sample in samples.items():
            what_for = f"copy {what} to {count} nodes: wall time / {rival}"
            yield ratio(what_for, ours.wall, sample.wall, None)
    masters.end(control)


def _programs(world: World, count: int, source: str, there: str, control: str) -> list[Program]:
    """Each must bring what is there to be the same; hosts at once as many as there are."""
    base = os.path.basename(source)

    def fresh() -> None:
        shutil.rmtree(there, ignore_errors=True)
        os.mkdir(there)

    def checked(name: str, line: str) -> Program:
        check = f"diff -r {source} {there}/{base} && echo hi"
        return Program(name, ["sh", "-c", f"{line} && {check}"], answers=1, before=fresh)

    ssh = f"-F {world.hosts.ssh_config} -o ControlPath={control}/%C"
    each = f"printf '%s\\n' {' '.join(addresses(count))} | xargs -P {count} -I@"
    ours = [f"{os.path.dirname(sys.executable)}/stentor", "--fleet", world.hosts.fleet(count), "copy"]
    programs = [
        checked("stentor copy", shlex.join([*ours, "--quiet", "@all", source, there + "/"])),
        checked("scp", f"{each} scp -q -r -p {ssh} {source} @:{there}/"),
    ]
    if shutil.which("rsync"):
        programs.append(checked("rsync", f"{each} rsync -aI -e 'ssh {ssh}' {source} @:{there}/"))
    if "clush" not in world.absent:
        options = shlex.quote(f"-F {world.hosts.ssh_config} -o ControlPath={control}/%%C")
        clush = f"{peers.VENV}/bin/clush -f {count} -o {options} -w {folded(count)} -p"
        programs.append(checked("clush --copy", f"{clush} --copy {source} --dest {there}/"))
    return programs
