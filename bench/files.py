"""Files to many nodes and back: large ones and trees of small ones; every tool over warm connections.

On the practice fleet, where each node has a HOME of its own: on hosts which share one, a tool would find
what another one has just brought. All nodes are this one machine, so that what each does by itself
(checksums, which scp and clush do without, unpacking, renaming) is done by two cores for all of them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import masters, peers
from bench.measure import Program, Sample, once, say
from bench.sections import World, ratio, take_turns
from bench.table import Row
from stentor import lab as labs
from stentor.lab import Lab

MOST_MEMORY = 40  # MB


class Case(NamedTuple):
    """What is copied.

    Attributes:
        what: for the table.
        name: of the file or folder.
        files: how many; 0 for a single file.
        size: bytes of each.
        aim: of the fastest rival's wall time.
        rivals: who takes part; the others would take minutes.
    """

    what: str
    name: str
    files: int
    size: int
    aim: float
    rivals: tuple[str, ...] = ("scp", "rsync", "clush")


LARGE = Case("a file of 10 MB", "large", 0, 10_000_000, 0.85)
HUGE = Case("a file of 200 MB", "huge", 0, 200_000_000, 0.7, ("scp", "rsync"))
SMALL = Case("300 small files", "tree", 300, 4000, 0.9)
MANY = Case("20000 small files", "many", 20_000, 1000, 1.0, ("rsync",))
SAME = Case("20000 unchanged files", "many", 20_000, 1000, 0.8, ("rsync",))
PER_FOLDER = 300


class Site(NamedTuple):
    """A practice fleet, and where things are kept here.

    Attributes:
        world: the bench's.
        lab: the fleet.
        place: a folder here.
        control: the peers' masters.
    """

    world: World
    lab: Lab
    place: str
    control: str

    @property
    def names(self) -> list[str]:
        """All nodes."""
        return list(self.lab.nodes)

    @property
    def ssh(self) -> str:
        """Options of ssh that lead to the peers' masters."""
        return f"-F {self.lab.ssh_config} -o ControlPath={self.control}/%C"

    def stentor(self, *words: str) -> Program:
        """Stentor on this fleet."""
        argv = [f"{os.path.dirname(sys.executable)}/stentor", "--fleet", str(self.lab.fleet_dir), *words]
        return Program("stentor", argv)

    def each(self, command: str) -> str:
        """A command line that runs one for every node, all at once; ``@`` is its name."""
        return f"printf '%s\\n' {' '.join(self.names)} | xargs -P {len(self.names)} -I@ {command}"

    def clush(self, *words: str) -> str:
        """A command line of clush on all nodes at once."""
        options = shlex.quote(self.ssh.replace("%C", "%%C"))
        count = len(self.names)
        line = f"{peers.VENV}/bin/clush -f {count} -o {options} -w {','.join(self.names)} -p"
        return f"{line} {shlex.join(words)}"


@contextmanager
def _site(world: World, count: int) -> Iterator[Site]:
    place = f"{world.folder}/copy"
    os.makedirs(place, exist_ok=True)
    lab = labs.up(f"{world.folder}/lab", nodes=count)
    site = Site(world, lab, place, f"{world.folder}/c")
    try:
        masters.start(str(lab.ssh_config), site.names, site.control)
        once(site.stentor("run", "@all", "echo hi"), world.folder)  # starts ours
        yield site
        masters.end(site.control)
    finally:
        lab.down()
        shutil.rmtree(place, ignore_errors=True)


def _source(site: Site, case: Case) -> str:
    """Make what is copied, once."""
    path = f"{site.place}/{case.name}"
    if os.path.exists(path):
        return path
    if not case.files:
        with open(path, "wb") as file:
            for _ in range(0, case.size, 10_000_000):
                file.write(os.urandom(min(case.size, 10_000_000)))
    for number in range(case.files):
        folder = f"{path}/{number // PER_FOLDER}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{number}", "wb") as file:
            file.write(os.urandom(case.size))
    return path


def copies(world: World, count: int, *cases: Case) -> Iterator[Row]:
    """Each tool sends everything to every node, and must bring what is there to be the same."""
    with _site(world, count) as site:
        for case in cases:
            say(f"copy: {case.what} to {count} nodes")
            programs = _same(site, case) if case is SAME else _programs(site, case)
            yield from _rows(f"copy {case.what} to {count} nodes", case.aim, take_turns(programs, world))


def _rows(what: str, aim: float, samples: dict[str, Sample]) -> Iterator[Row]:
    ours = samples.pop("stentor")
    fastest = min(sample.wall for sample in samples.values()) if samples else 0.0
    for rival, sample in samples.items():
        yield ratio(
            f"{what}: wall time / {rival}", ours.wall, sample.wall, aim if sample.wall == fastest else None
        )
    yield Row(f"{what}: memory", ours.memory / 1024, MOST_MEMORY, "MB")


def _clear(site: Site, case: Case, path: Path) -> None:
    """Take what a turn has made out of the way; many files are only moved, and removed at the end of all.

    ext4 does not use the number of a removed file again for one to six minutes, and looks through all such
    numbers for each file that is made: what one turn removes would be most of the work of the next ones.
    """
    if not case.files:
        shutil.rmtree(path, ignore_errors=True)
    elif path.exists():
        path.rename(tempfile.mkdtemp(dir=site.world.folder) + "/spent")


def _fresh(site: Site, case: Case) -> None:
    for name in site.names:
        there = site.lab.home(name) / "there"
        _clear(site, case, there)
        there.mkdir()
        owner = there.parent.stat()
        os.chown(there, owner.st_uid, owner.st_gid)


def _checked(
    name: str, line: str, source: str, places: Sequence[str], before: Callable[[], None] | None
) -> Program:
    # It is timed along, so only two are looked at closely.
    check = "".join(f" && test -e {place}" for place in places)
    check += "".join(f" && diff -r {source} {place}" for place in (places[0], places[-1]))
    return Program(name, ["sh", "-c", f"{line}{check} && echo hi"], answers=1, before=before, shown=line)


def _programs(site: Site, case: Case) -> list[Program]:
    """Every tool with as many nodes at once as there are."""
    source = _source(site, case)
    places = [f"{site.lab.home(name)}/there/{case.name}" for name in site.names]
    lines = {
        "stentor": shlex.join(site.stentor("copy", "--quiet", "@all", source, "there/").argv),
        "scp": site.each(f"scp -q -r -p {site.ssh} {source} @:there/"),
        "rsync": site.each(f"rsync -aI -e 'ssh {site.ssh}' {source} @:there/"),
        "clush": site.clush("--copy", source, "--dest", "there/"),
    }
    return [
        _checked(name, line, source, places, lambda: _fresh(site, case))
        for name, line in _taking_part(site, case, lines)
    ]


def _same(site: Site, case: Case) -> list[Program]:
    """The same once more, where all of it is there already; scp and clush would send it again."""
    source = _source(site, case)
    _fresh(site, case)
    copy = site.stentor("copy", "--quiet", "@all", source, "there/")
    once(copy, site.world.folder)
    places = [f"{site.lab.home(name)}/there/{case.name}" for name in site.names]
    lines = {
        "stentor": shlex.join(copy.argv),
        "rsync": site.each(f"rsync -a -e 'ssh {site.ssh}' {source} @:there/"),
    }
    check = "".join(f" && test -e {place}" for place in places)
    return [
        Program(name, ["sh", "-c", f"{line}{check} && echo hi"], answers=1, shown=line)
        for name, line in _taking_part(site, case, lines)
    ]


def _taking_part(site: Site, case: Case, lines: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, line in lines.items():
        rival = name in case.rivals and name not in site.world.absent
        if name == "stentor" or (rival and (name == "clush" or shutil.which(name))):
            yield name, line


def fetches(world: World, count: int, *cases: Case) -> Iterator[Row]:
    """Each tool brings everything of every node here."""
    with _site(world, count) as site:
        for case in cases:
            say(f"fetch: {case.what} of {count} nodes")
            programs = _fetching(site, case)
            yield from _rows(f"fetch {case.what} of {count} nodes", case.aim, take_turns(programs, world))


def _fetching(site: Site, case: Case) -> list[Program]:
    source, into = _source(site, case), f"{site.place}/into"
    _fresh(site, case)
    once(site.stentor("copy", "--quiet", "@all", source, "there/"), site.world.folder)

    def fresh() -> None:
        _clear(site, case, Path(into))
        for name in site.names:
            os.makedirs(f"{into}/{name}")

    asked = f"there/{case.name}"
    lines = {
        "stentor": shlex.join(site.stentor("fetch", "--quiet", "@all", asked, into).argv),
        "scp": site.each(f"scp -q -r -p {site.ssh} @:{asked} {into}/@/"),
        "rsync": site.each(f"rsync -aI -e 'ssh {site.ssh}' @:{asked} {into}/@/"),
        "clush": site.clush("--rcopy", asked, "--dest", into),
    }
    programs = []
    for name, line in _taking_part(site, case, lines):
        form = "{0}/{1}.{2}" if name == "clush" else "{0}/{2}/{1}"  # FILE.NODE
        places = [form.format(into, case.name, node) for node in site.names]
        programs.append(_checked(name, line, source, places, fresh))
    return programs
