"""What is measured, a function a section: each returns rows of the table."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

from bench import masters, peers
from bench.hosts import Hosts, addresses, folded, unreachable
from bench.measure import Program, Sample, WrongAnswer, alternate, once, say
from bench.table import Row
from stentor import lab as labs

BIN = os.path.dirname(sys.executable)
HERE = os.path.dirname(os.path.abspath(__file__))

# Wall time against clush over its own warm masters for five nodes; for more against a bare loop.
WALL_AIMS = {5: 0.36}
BARE_AIM = 1.08
COLD_AIMS = {"pdsh cold": 0.9, "asyncssh cold": 1.0}  # for 50 nodes
CPU_AIM = 0.05  # of clush's
LARGE_FLEET = 10_000
LOGINS = (
    16  # at once: all hosts are one sshd, and a thousand key exchanges at once keep its cores for minutes
)
WITH_RIVAL = 250  # hosts: a connection takes 5 MB on both sides together, and each tool has its own


class World(NamedTuple):
    """Where it all happens.

    Attributes:
        hosts: the sshd which is a thousand hosts.
        folder: for files of ours.
        window: how many nodes at once, for every tool.
        rounds: turns of each comparison.
        absent: peers that could not be installed, and why.
    """

    hosts: Hosts
    folder: str
    window: int
    rounds: int
    absent: dict[str, str]

    def stentor(self, count: int, *words: str, answers: int | None = None) -> Program:
        """Stentor on a fleet of so many hosts."""
        argv = [f"{BIN}/stentor", "--fleet", self.hosts.fleet(count), *words]
        return Program("stentor", argv, answers=count if answers is None else answers)

    def run(self, count: int, name: str = "stentor warm", *more: str) -> Program:
        """``stentor run`` on all of so many hosts."""
        options = ["--stream", "--window", str(self.window), *more]
        return self.stentor(count, "run", *options, "@all", "echo hi")._replace(name=name)

    def log_in(self, count: int) -> None:
        """Start the masters, so many at a time."""
        fleet, names = self.hosts.fleet(count), [f"h{number + 1:04}" for number in range(count)]
        argv = [f"{BIN}/stentor", "--fleet", fleet, "run", "--stream", "--connect-timeout", "60"]
        for start in range(0, count, LOGINS):
            chosen = names[start : start + LOGINS]
            words = [*argv, ",".join(chosen), "echo hi"]
            shown = shlex.join([*argv, "NAMES", "echo hi"])
            once(Program("logging in", words, answers=len(chosen), shown=shown), self.folder)


def ratio(what: str, ours: float, theirs: float, aim: float | None, rival: bool = True) -> Row:
    """A row of ours divided by theirs, in seconds; ``rival`` says whether theirs is another tool's."""
    return Row(what, ours / theirs, aim, "x", f"{ours:.3f} / {theirs:.3f} s", rival)


def start_up(world: World) -> Iterator[Row]:
    """What a command costs beyond an empty Python."""
    empty = Program("empty Python", [f"{BIN}/python", "-c", "pass"])
    version = Program("stentor --version", [f"{BIN}/stentor", "--version"])
    one = world.run(1)
    others = (
        []
        if "clush" in world.absent
        else [Program("clush --version", [f"{peers.VENV}/bin/clush", "--version"])]
    )
    if "ansible" not in world.absent:
        others.append(Program("ansible --version", [f"{peers.VENV}/bin/ansible", "--version"]))
    base, *samples = alternate([empty, version, one, *others], max(world.rounds * 3, 9), world.folder)
    aims: list[float | None] = [25, 80, None, None]
    names = ["stentor --version", "stentor run, one warm node", *(program.name for program in others)]
    for name, sample, aim in zip(names, samples, aims, strict=False):
        over = 1000 * (sample.wall - base.wall)
        numbers = f"{1000 * sample.wall:.0f} / {1000 * base.wall:.0f} ms, {sample.wall / base.wall:.1f} times"
        yield Row(f"{name}: over an empty Python", over, aim, "ms", numbers)
    yield ratio("stentor --version: wall time / an empty Python", samples[0].wall, base.wall, 1.5, False)
    yield from large_fleet(world)
    for name, words in (("stentor --version", ["--version"]), ("stentor run", list(one.argv[1:]))):
        yield Row(f"{name}: modules imported beyond an empty Python", modules(words), None, "", "")


def large_fleet(world: World) -> Iterator[Row]:
    """One node of very many, and what completion asks for at a keystroke."""
    small = world.hosts.fleet(2)
    large = f"{world.folder}/fleet-large"
    os.makedirs(large, exist_ok=True)
    with open(f"{small}/nodes.yaml") as file:
        head, tail = file.read().split("ssh:")
    with open(f"{large}/nodes.yaml", "w") as file:
        more = "".join(f"  n{n}: {{address: {unreachable(n)}}}\n" for n in range(2, LARGE_FLEET))
        file.write(f"{head}{more}ssh:{tail}")
    run = ["run", "--stream", "h0001", "echo hi"]
    programs = [
        Program(words[0], [f"{BIN}/stentor", "--fleet", fleet, *words], answers=words is run)
        for fleet in (large, small)
        for words in (run, ["completion", "--words"])
    ]
    a, words, b, _ = alternate(programs, max(world.rounds * 3, 9), world.folder)
    yield ratio(f"one node of {LARGE_FLEET} / of two: wall time", a.wall, b.wall, 1.1, False)
    yield ratio(f"one node of {LARGE_FLEET} / of two: CPU", a.cpu, b.cpu, None, False)
    detail = f"{1000 * words.cpu:.0f} ms of CPU"
    yield Row(f"names of {LARGE_FLEET} nodes for completion", 1000 * words.wall, 40, "ms", detail)


def memory(world: World, *cases: tuple[int, int]) -> Iterator[Row]:
    """Memory for very many nodes that are made up, by how many and the bytes of output of each."""
    for count, size in cases:
        argv = [
            f"{BIN}/python",
            "-m",
            "bench.memory",
            f"{world.folder}/made-up-{count}",
            str(count),
            str(size),
        ]
        sample = once(Program("made-up nodes", argv, answers=1, said=f"{count} ended"), world.folder)
        what = f"{count} made-up nodes" + (f", {size / 1e6:g} MB from each" if size >= 1e6 else "")
        yield Row(f"{what}: memory of run", sample.memory / 1024, 40 if size >= 1e6 else 120, "MB")


def modules(words: list[str]) -> int:
    """How many modules a command imports beyond an empty Python's."""
    code = (
        "import sys; before = len(sys.modules); from stentor.cli.main import main; main(sys.argv[1:]); "
        "sys.stderr.write('\\n%d' % (len(sys.modules) - before))"
    )
    done = subprocess.run([f"{BIN}/python", "-c", code, *words], capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1])


def warm(world: World, count: int) -> Iterator[Row]:
    """A fan-out over warm masters, against a bare loop over the same, and clush over its own warm masters."""
    ours = world.run(count)
    control = f"{world.folder}/c"
    try:
        say(f"{count} hosts: logging in")
        world.log_in(count)
        # What no client in Python can beat here: its start, and what masters and servers do for each session.
        programs = [ours, Program("bare loop", _bare(world, count))]
        if "clush" not in world.absent and count <= WITH_RIVAL:
            masters.start(world.hosts.ssh_config, addresses(count), control)
            names = folded(count)
            programs.append(peers.clush(world.hosts.ssh_config, names, count, world.window, control=control))
        say(f"{count} hosts: {', '.join(program.name for program in programs)} take turns")
        a, bare, *others = alternate(programs, world.rounds, world.folder)
        for clush in others:
            aim = WALL_AIMS.get(count)
            yield ratio(f"{count} nodes warm: wall time / clush warm", a.wall, clush.wall, aim)
            bound = f"{count} nodes warm: a bare loop's wall time / clush warm"
            yield ratio(bound, bare.wall, clush.wall, None, False)
            aim = CPU_AIM if count == WITH_RIVAL else None
            yield ratio(f"{count} nodes warm: CPU / clush warm", a.cpu, clush.cpu, aim)
        aim = BARE_AIM if count >= 50 else None
        yield ratio(
            f"{count} nodes warm: wall time / a bare loop, whole processes", a.wall, bare.wall, aim, False
        )
        yield ratio(f"{count} nodes warm: CPU / a bare loop, whole processes", a.cpu, bare.cpu, None, False)
        if count > WITH_RIVAL:
            yield Row(f"{count} nodes: memory of run", a.memory / 1024, 120, "MB")
    finally:
        masters.end(control)
        masters.end(os.environ["XDG_RUNTIME_DIR"])


def practice(world: World) -> Iterator[Row]:
    """The same on the practice fleet: five sshds of their own, each in its namespaces."""
    lab = labs.up(f"{world.folder}/lab", all_up=True)
    try:
        names = list(lab.nodes)
        argv = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir), "run", "--stream", "@all", "echo hi"]
        ours = Program("stentor warm", argv, answers=len(names))
        if "clush" in world.absent:
            sample = alternate([ours], world.rounds, world.folder)[0]
            yield Row("5 practice nodes warm: wall time", 1000 * sample.wall, None, "ms")
            return
        control = f"{world.folder}/p"
        masters.start(str(lab.ssh_config), names, control)
        theirs = peers.clush(str(lab.ssh_config), ",".join(names), len(names), 128, control=control)
        a, b = alternate([ours, theirs], max(world.rounds, 7), world.folder)
        yield ratio("5 practice nodes warm: wall time / clush warm", a.wall, b.wall, WALL_AIMS[5])
        yield ratio("5 practice nodes warm: CPU / clush warm", a.cpu, b.cpu, None)
        masters.end(control)
    finally:
        lab.down()


def bare_loop(world: World, count: int) -> Iterator[Row]:
    """The engine against a bare loop over the protocol, both without start-up."""
    fleet = world.hosts.fleet(count)
    engine = [f"{BIN}/python", "-m", "bench.engine", fleet, str(world.window), "echo hi"]
    subprocess.run(engine, capture_output=True, check=True)  # logs in
    bare = _bare(world, count)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(world.rounds + 1):
        for argv, collected in zip((bare, engine), times, strict=True):
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            if number:
                collected.append(float(done.stdout))
    bound, ours = (sorted(collected)[len(collected) // 2] for collected in times)
    yield ratio(f"{count} nodes warm: the engine / a bare loop over the protocol", ours, bound, 1.2, False)


def _bare(world: World, count: int) -> list[str]:
    """The command line of the bare loop over the masters which stentor has started."""
    fleet = world.hosts.fleet(count)
    paths = [path for path in masters.sockets(os.environ["XDG_RUNTIME_DIR"]) if _of_fleet(path, fleet)]
    if len(paths) != count:
        raise RuntimeError(f"{len(paths)} masters for {count} hosts")
    return [f"{BIN}/python", "-m", "bench.bare", str(world.window), "echo hi", *paths]


def _of_fleet(path: str, fleet: str) -> bool:
    from stentor.ssh.rundir import run_directory

    return path.startswith(run_directory(os.environ, fleet) + "/")


def cold(world: World, count: int) -> Iterator[Row]:
    """From nothing: every tool logs in to every host."""
    hosts, window = world.hosts, world.window
    ours = world.run(count, "stentor cold")._replace(
        before=lambda: masters.end(os.environ["XDG_RUNTIME_DIR"])
    )
    rivals = [peers.ssh(hosts, count, window)]
    if "pdsh" not in world.absent:
        rivals.append(peers.pdsh(hosts, count, window))
    if "clush" not in world.absent:
        rivals.append(peers.clush(hosts.ssh_config, folded(count), count, window))
    rivals += [
        peers.script(n, hosts, count, window) for n in ("parallel-ssh", "asyncssh") if n not in world.absent
    ]
    if "bssh" not in world.absent:
        rivals.append(peers.bssh(hosts, count, window))
    if "pyinfra" not in world.absent:
        rivals.append(peers.pyinfra(hosts, count))
    samples = take_turns([ours, *rivals], world)
    for rival in rivals:
        if rival.name in samples:
            aim = COLD_AIMS.get(rival.name) if count >= 50 else None
            yield ratio(
                f"{count} nodes cold: wall time / {rival.name}",
                samples[ours.name].wall,
                samples[rival.name].wall,
                aim,
                rival.name != "plain ssh",
            )


def ansible(world: World, count: int) -> Iterator[Row]:
    """Both over warm masters."""
    if "ansible" in world.absent:
        return
    rival = peers.ansible(world.hosts, count, world.window, control=f"{world.folder}/a")
    samples = take_turns([world.run(count), rival], world)
    if rival.name in samples:
        yield ratio(
            f"{count} nodes warm: wall time / {rival.name}",
            samples["stentor warm"].wall,
            samples[rival.name].wall,
            None,
        )
    masters.end(f"{world.folder}/a")


def take_turns(programs: list[Program], world: World) -> dict[str, Sample]:
    """Like ``alternate``, leaving out those which do not answer for every host, and saying so."""
    able = []
    for program in programs:
        say(f"trying {program.name}")
        try:
            once(program, world.folder)
            able.append(program)
        except WrongAnswer as error:
            if program.name.startswith("stentor"):
                raise
            say(f"left out: {error}")
    samples = alternate(able, world.rounds, world.folder, warm_up=False)
    return {program.name: sample for program, sample in zip(able, samples, strict=True)}


def ping(world: World, count: int) -> Iterator[Row]:
    """The reachability level of every host, against fping, which asks the kernel only."""
    ours = world.stentor(count, "ping", answers=0)
    if "fping" in world.absent:
        sample = alternate([ours], world.rounds, world.folder)[0]
        yield Row(f"ping {count} addresses", 1000 * sample.wall, None, "ms")
        return
    listed = f"{world.folder}/addresses"
    with open(listed, "w") as file:
        file.write("".join(address + "\n" for address in addresses(count)))
    default = Program("fping", ["fping", "-q", "-f", listed])
    fastest = Program("fping -i 0", ["fping", "-q", "-i", "0", "-f", listed])
    a, b, c = alternate([ours, default, fastest], world.rounds, world.folder)
    yield ratio(f"ping {count} addresses / fping as it comes", a.wall, b.wall, 1.5)
    yield ratio(f"ping {count} addresses / fping -i 0 (no banner asked for)", a.wall, c.wall, None)


def much_output(world: World, megabytes: int) -> Iterator[Row]:
    """A great deal of output from one node, through the whole program."""
    line = "x" * 99
    words = ["run", "--stream", "@all", f"yes {line} | head -c {megabytes}000000"]
    sample = once(world.stentor(1, *words, answers=megabytes * 10000)._replace(said=line), world.folder)
    speed = f"{megabytes / sample.wall:.0f} MB/s, {sample.cpu:.1f} s of CPU"
    yield Row(f"{megabytes} MB of output from one node: memory", sample.memory / 1024, 40, "MB", speed)
