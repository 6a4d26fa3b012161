"""A practice fleet of real sshds on this machine: start, look, break, heal, end.

A lab is a directory. Its nodes are processes which the table of processes shows by a marker
in their command lines, so that nothing is lost when the program that started them is killed.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stentor.errors import Refused, StentorError, UsageError
from stentor.lab import backends, build, plan
from stentor.lab import machine as machines
from stentor.lab import processes as system
from stentor.lab.backends import Machine
from stentor.lab.places import (
    Memory,
    NodePlaces,
    default_directory,
    locked,
    recall,
    remember,
    remove,
    remove_tree,
)
from stentor.lab.plan import NodePlan

# A node which is not there after this many seconds is broken; the machine may be very busy.
PATIENCE = 30.0


class NodeStatus(NamedTuple):
    """How a practice node fares.

    Attributes:
        alias: its name.
        address: where its sshd listens.
        port: likewise.
        state: ``up``, ``down`` (asked for), ``broken`` (up, with a fault) or ``dead`` (killed by something).
        faults: those in force.
        processes: how many processes it has.
    """

    alias: str
    address: str
    port: int
    state: str
    faults: tuple[str, ...]
    processes: int


class Lab:
    """One lab. Made by :func:`up` or :func:`open_lab`."""

    def __init__(self, directory: Path, memory: Memory, machine: Machine, environ: Mapping[str, str]) -> None:
        self.directory = directory
        self.memory = memory
        self.machine = machine
        self.environ = environ
        self.nodes: dict[str, NodePlan] = {node.alias: node for node in memory.nodes}

    @property
    def backend(self) -> str:
        """How the nodes are kept apart."""
        return self.memory.backend

    @property
    def fleet_dir(self) -> Path:
        """What ``STENTOR_FLEET`` is to be."""
        return self.directory / "ssot"

    @property
    def ssh_config(self) -> Path:
        """For ``ssh -F``."""
        return self.directory / "ssh_config"

    def node(self, alias: str) -> NodePlan:
        """The plan of a node, by its alias or full name."""
        for node in self.nodes.values():
            if alias in (node.alias, node.name):
                return node
        raise UsageError(f"the lab has no node '{alias}'", hint=f"it has {', '.join(self.nodes)}")

    def places(self, alias: str) -> NodePlaces:
        """The directory of a node."""
        return NodePlaces(self.directory / "nodes" / self.node(alias).alias)

    def home(self, alias: str) -> Path:
        """The HOME of a node, as the machine sees it."""
        return self.places(alias).home

    def processes(self, alias: str) -> set[int]:
        """The processes of a node, by the numbers which they have outside of it."""
        return self._processes(alias, system.table())

    def _processes(self, alias: str, table: Mapping[int, system.Process]) -> set[int]:
        marker = self.places(alias).marker
        roots = {process.pid for process in table.values() if marker in process.words}
        if self.backend == "plain":
            roots |= system.marked(table, f"STENTOR_LAB_NODE={marker}")
        return system.tree(table, roots)

    def faults(self, alias: str) -> tuple[str, ...]:
        """The faults in force on a node."""
        try:
            return tuple(self.places(alias).faults.read_text().split())
        except FileNotFoundError:
            return ()

    def status(self) -> list[NodeStatus]:
        """How all nodes fare."""
        table = system.table()
        return [self._status(node, table) for node in self.nodes.values()]

    def _status(self, node: NodePlan, table: Mapping[int, system.Process]) -> NodeStatus:
        pids = self._processes(node.alias, table)
        faults = self.faults(node.alias)
        listening = any(self.machine.sshd in " ".join(table[pid].words[:3]) for pid in pids)
        if not pids or not (listening or faults):
            state = "dead"
        elif "down" in faults:
            state, pids = "down", set()
        else:
            state = "broken" if faults else "up"
        return NodeStatus(node.alias, node.address, node.port, state, faults, len(pids))

    def run(self, alias: str, *command: str, options: Sequence[str] = (), timeout: float = 20) -> Ran:
        """Run a command by plain ``ssh -F``, with neither master nor terminal.

        Returns:
            Exit code (255 is ssh's own), stdout and stderr.
        """
        words = ["ssh", "-F", str(self.ssh_config), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", *options]
        done = subprocess.run(
            [*words, self.node(alias).alias, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    # Starting and ending nodes.

    def start(self, names: Iterable[str]) -> None:
        """Start nodes, side by side; their sshds may not answer yet."""
        for alias in names:
            node, places = self.node(alias), self.places(alias)
            places.log.unlink(missing_ok=True)
            make = {"bwrap": backends.bwrap, "plain": backends.plain}[self.backend]
            _spawn(make(node, places, self.machine), places.run / "node.log")

    def wait(self, names: Iterable[str], patience: float = PATIENCE) -> None:
        """Wait until the sshds of these nodes greet.

        Raises:
            StentorError: one did not; with what its log says.
        """
        waiting = [self.node(alias) for alias in names]
        node = None
        for _ in system.ticks(patience):
            while waiting and greets(waiting[0].address, waiting[0].port):
                waiting.pop(0)
            if not waiting:
                return
            node = waiting[0]
            if not self.processes(node.alias):
                break
        if node is not None:
            raise StentorError(
                f"the node's sshd does not answer: {self._last_words(node.alias)}", where=node.alias
            )

    def _last_words(self, alias: str) -> str:
        places = self.places(alias)
        said = []
        for path in (places.run / "node.log", places.log):
            with contextlib.suppress(OSError):
                said += path.read_text(errors="replace").strip().splitlines()[-2:]
        return "; ".join(said) or "it left no word"

    def stop(self, names: Iterable[str]) -> None:
        """End every process of these nodes."""
        table = system.table()
        pids = set().union(*(self._processes(alias, table) for alias in names))
        system.kill(pids)
        if left := system.wait_gone(pids):
            raise StentorError(f"these processes cannot be killed: {', '.join(map(str, sorted(left)))}")

    def down(self) -> None:
        """End every process and remove every file."""
        with locked(self.directory):
            for _ in range(3):  # a process may fork while it is being killed
                self.stop(self.nodes)
            remove(self.directory)

    def mend(self) -> list[str]:
        """Start the nodes which something killed; return their names."""
        dead = [status.alias for status in self.status() if status.state == "dead"]
        self.stop(dead)
        for alias in dead:
            self.places(alias).faults.unlink(missing_ok=True)
        self.start(dead)
        return dead

    def black_out(self, alias: str) -> None:
        """Let connections to a node time out; it must be stopped."""
        node, places = self.node(alias), self.places(alias)
        _spawn(backends.blackhole(node, places, self.machine), places.run / "node.log")
        for _ in system.ticks(PATIENCE):
            if not reaches(node.address, node.port):
                return

    def heal(self, alias: str | None = None) -> None:
        """Take the faults of one node away, or of all."""
        healed = [node for node in ([self.node(alias).alias] if alias else self.nodes) if self.faults(node)]
        self.stop(healed)
        for name in healed:
            self.places(name).faults.unlink(missing_ok=True)
        self.start(healed)
        self.wait(healed)

    def reset(self) -> None:
        """Heal all nodes, end everything that sessions left running, and make their HOMEs fresh."""
        self.heal()
        self._end_sessions()
        key = machines.public_key(self.directory / "client_key")
        for alias in self.nodes:
            home = self.home(alias)
            for path in home.iterdir():
                if path.is_dir() and not path.is_symlink():
                    remove_tree(path)
                else:
                    path.unlink()
            build.skeleton(home, key)

    def _end_sessions(self) -> None:
        for _ in range(5):  # what is being killed may fork once more
            table = system.table()
            pids = set().union(*(self._processes(alias, table) for alias in self.nodes))
            guests = {pid for pid in pids if not self._is_node_itself(table[pid])}
            if not guests:
                return
            system.kill(guests)
            system.wait_gone(guests)

    def _is_node_itself(self, process: system.Process) -> bool:
        """Whether it is the node's sandbox, first process or listening sshd, not a session's."""
        if any(word.startswith("stentor-lab=") or word.endswith("/init") for word in process.words):
            return True
        return self.machine.sshd in " ".join(process.words[:3])

    def login_check(self, alias: str) -> str:
        """Log in with a terminal; return what is wrong, or an empty text."""
        try:
            ran = self.run(alias, "tty && uname -n", options=("-tt",))
        except subprocess.TimeoutExpired:
            return "a login with a terminal hangs"
        words = ran.stdout.split()
        if ran.code != 0 or len(words) != 2 or not words[0].startswith("/dev/"):
            return f"a login with a terminal fails: {(ran.stdout + ran.stderr).strip() or ran.code}"
        if self.backend != "plain" and words[1] != alias:
            return f"its hostname is {words[1]}"
        return ""


class Ran(NamedTuple):
    """What came of a command: exit code, stdout, stderr."""

    code: int
    stdout: str
    stderr: str


def up(
    directory: Path | str | None = None,
    *,
    nodes: int | None = None,
    backend: str | None = None,
    shells: Sequence[str] = (),
    max_sessions: int = 100,
    all_up: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Lab:
    """Start a lab, or mend the one which is there.

    Args:
        directory: where; the user's state directory by default.
        nodes: how many; the five named ones by default.
        backend: one of ``backends.BACKENDS``; the first which works by default.
        shells: ``zsh``, ``drtr=fish``: login shells.
        max_sessions: sessions over one connection to a node.
        all_up: start also the two of the five which are down by default.
        environ: the environment; the process's own by default.

    Raises:
        ProgramMissing: no sshd, or a shell which is not installed.
        StentorError: no backend works.
    """
    environ = os.environ if environ is None else environ
    place = Path(directory).absolute() if directory else default_directory(environ)
    machine = machines.look(environ)
    with locked(place):
        memory = recall(place)
        if memory is not None:
            _same(memory, nodes, backend, place)
            lab = Lab(place, memory, machine, environ)
            mended = lab.mend()
            lab.wait(mended)
            return lab
        if place.exists() and any(place.iterdir()):
            raise Refused(
                "this directory is not empty and not a lab", where=str(place), hint="choose another --dir"
            )
        wanted = _shell_paths(plan.parse_shells(shells, plan.aliases(nodes)), environ)
        return _fresh(place, nodes, backend, wanted, max_sessions, all_up, machine, environ)


def open_lab(directory: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Lab:
    """The lab in ``directory``.

    Raises:
        Refused: there is none.
    """
    environ = os.environ if environ is None else environ
    place = Path(directory).absolute() if directory else default_directory(environ)
    memory = recall(place)
    if memory is None:
        raise Refused("there is no lab here", where=str(place), hint="start one: stentor lab up")
    return Lab(place, memory, machines.look(environ), environ)


def _same(memory: Memory, nodes: int | None, backend: str | None, place: Path) -> None:
    if memory.numbered != nodes and nodes is not None:
        raise Refused(
            f"the lab there has {len(memory.nodes)} nodes, not {nodes}",
            where=str(place),
            hint="end it first with 'stentor lab down', or choose another --dir",
        )
    if backend not in (None, memory.backend):
        raise Refused(
            f"the lab there is of backend {memory.backend}",
            where=str(place),
            hint="end it first with 'stentor lab down', or choose another --dir",
        )


def _shell_paths(shells: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    paths = {shell: machines.program(shell, environ) for shell in set(shells.values())}
    return {alias: paths[shell] for alias, shell in shells.items()}


def _fresh(
    place: Path,
    count: int | None,
    backend: str | None,
    shells: Mapping[str, str],
    max_sessions: int,
    all_up: bool,
    machine: Machine,
    environ: Mapping[str, str],
) -> Lab:
    """Try one backend after the other until a login with a terminal works."""
    troubles = []
    for name in [backend] if backend else backends.BACKENDS:
        if trouble := _impossible(name, environ):
            troubles.append(f"{name}: {trouble}")
            continue
        for _ in range(3):  # somebody may take one of our addresses first
            nodes = _place_nodes(count, name, shells, all_up, environ)
            lab = Lab(place, Memory(name, count, max_sessions, tuple(nodes)), machine, environ)
            trouble = _try(lab)
            if not trouble:
                return lab
            remove(place)
            if "in use" not in trouble:
                break
        troubles.append(f"{name}: {trouble}")
    raise StentorError(f"no practice node can be started here: {'; '.join(troubles)}", hint=machines.INSTALL)


def _impossible(backend: str, environ: Mapping[str, str]) -> str:
    if backend not in backends.BACKENDS:
        raise UsageError(f"there is no backend '{backend}'", hint=f"choose of {', '.join(backends.BACKENDS)}")
    if backend == "bwrap" and not machines.find("bwrap", environ):
        return "bubblewrap is not installed"
    if backend == "unshare":
        return "not yet"
    return ""


def _place_nodes(
    count: int | None, backend: str, shells: Mapping[str, str], all_up: bool, environ: Mapping[str, str]
) -> list[NodePlan]:
    user = _own_name(environ) if backend == "plain" else None
    one_address = os.uname().sysname != "Linux"
    chance = random.Random()  # noqa: S311 - spreads labs over addresses, nothing secret
    for _ in range(50):
        ports = machines.free_ports(len(shells)) if one_address else [2222] * len(shells)
        nodes = plan.plan_nodes(
            count,
            network=machines.pick_network(chance),
            ports=ports,
            user=user,
            shells=shells,
            all_up=all_up,
            one_address=one_address,
        )
        if machines.free((node.address, node.port) for node in nodes):
            return nodes
    raise StentorError("no free loopback addresses were found for the nodes")


def _own_name(environ: Mapping[str, str]) -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return environ.get("USER") or str(os.getuid())


def _try(lab: Lab) -> str:
    """Start a fresh lab; return why it does not work, having ended what was started."""
    build.write_lab(lab.directory, lab.memory, lab.machine, lab.environ)
    remember(lab.directory, lab.memory)
    off = [node.alias for node in lab.memory.nodes if node.state == "down"]
    on = [alias for alias in lab.nodes if alias not in off]
    done = False
    try:
        lab.start(on)
        for alias in off:
            lab.places(alias).faults.write_text("down\n")
            lab.black_out(alias)
        lab.wait(on[:1])
        if trouble := lab.login_check(on[0]):
            return trouble
        lab.wait(on)
        done = True
    except StentorError as error:
        return error.message
    finally:
        if not done:
            lab.stop(lab.nodes)
    return ""


def _spawn(words: Sequence[str], log: Path) -> int:
    """Start a process which outlives this one, in a session of its own."""
    program = shutil.which(words[0])
    if program is None:
        raise StentorError(f"{words[0]} has vanished")
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawn(
        program,
        list(words),
        {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGINT],
    )


def reaches(address: str, port: int, timeout: float = 0.2) -> bool:
    """Whether a TCP connection comes about, or is refused; not when there is silence."""
    try:
        with socket.create_connection((address, port), timeout=timeout):
            return True
    except TimeoutError:
        return False
    except OSError:
        return True


def greets(address: str, port: int, timeout: float = 2.0) -> bool:
    """Whether an SSH server's banner comes."""
    try:
        with socket.create_connection((address, port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


@contextlib.contextmanager
def practice(directory: Path | str, **options: object) -> Iterator[Lab]:
    """A lab for the length of a ``with`` block."""
    lab = up(directory, **options)  # type: ignore[arg-type]
    try:
        yield lab
    finally:
        lab.down()
