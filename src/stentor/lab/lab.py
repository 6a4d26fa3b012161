"""A practice fleet of real sshds on this machine: start, look, break, heal, end.

A lab is a directory. Its nodes are processes which the table of processes shows by a marker
in their command lines, so that nothing is lost when the program that started them is killed.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stentor.errors import StentorError, UsageError
from stentor.lab import backends, build, faults, full
from stentor.lab import machine as machines
from stentor.lab import processes as system
from stentor.lab.backends import Machine
from stentor.lab.places import Memory, NodePlaces, locked, remove, remove_tree
from stentor.lab.plan import NodePlan
from stentor.lab.spawn import greets, spawn

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
        # Why the ways which are more lifelike were not taken, when this lab was started.
        self.troubles: tuple[str, ...] = ()
        self.nodes: dict[str, NodePlan] = {node.alias: node for node in memory.nodes}

    @property
    def backend(self) -> str:
        """How the nodes are kept apart."""
        return self.memory.backend

    @property
    def limits(self) -> tuple[str, ...]:
        """What is not lifelike in this lab, in words."""
        limits = []
        if self.backend == "plain":
            limits.append("hostname is simulated; the account and processes are this machine's")
        if not self.memory.terminals:
            limits.append("logins with a terminal do not work")
        return tuple(limits)

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
        if alias in self.nodes:
            return self.nodes[alias]
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
        return self._processes(system.table())[self.node(alias).alias]

    def _processes(self, table: Mapping[int, system.Process]) -> dict[str, set[int]]:
        """The processes of every node."""
        markers = {self.places(alias).marker: alias for alias in self.nodes}
        roots: dict[str, set[int]] = {alias: set() for alias in self.nodes}
        for process in table.values():
            for word in process.words:
                if word in markers:
                    roots[markers[word]].add(process.pid)
        if self.backend == "plain":
            # What a session left behind is nobody's child any more; only its environment tells.
            for marker, alias in markers.items():
                roots[alias] |= system.marked(table, f"STENTOR_LAB_NODE={marker}")
        return system.trees(table, roots)

    def faults(self, alias: str) -> tuple[str, ...]:
        """The faults in force on a node."""
        try:
            return tuple(self.places(alias).faults.read_text().split())
        except FileNotFoundError:
            return ()

    def status(self) -> list[NodeStatus]:
        """How all nodes fare."""
        table = system.table()
        pids = self._processes(table)
        return [self._status(node, pids[node.alias], table) for node in self.nodes.values()]

    def _status(self, node: NodePlan, pids: set[int], table: Mapping[int, system.Process]) -> NodeStatus:
        in_force = self.faults(node.alias)
        state = self._state(pids, in_force, table)
        return NodeStatus(
            node.alias, node.address, node.port, state, in_force, len(pids) if state != "down" else 0
        )

    def _state(self, pids: set[int], in_force: Sequence[str], table: Mapping[int, system.Process]) -> str:
        if any(faults.FAULTS[name].off for name in in_force):
            # Only where the machine's own loopback is used does something stand in for a node that is down.
            stands_in = pids or "down" not in in_force or self.backend == "full"
            return "down" if stands_in else "dead"
        sshd_gone = any(faults.FAULTS[name].volatile for name in in_force)
        listening = any(self.machine.sshd in " ".join(table[pid].words[:3]) for pid in pids)
        if not pids or not (listening or sshd_gone):
            return "dead"
        return "broken" if in_force else "up"

    def run(self, alias: str, *command: str, options: Sequence[str] = (), timeout: float = 20) -> Ran:
        """Run a command by plain ``ssh -F``, with neither master nor terminal.

        Returns:
            Exit code (255 is ssh's own), stdout and stderr.
        """
        words = ["ssh", "-F", str(self.ssh_config), *options, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
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
        names = list(names)
        if self.backend == "full":
            full.write_specs(self, names)
        for alias in names:
            node, places = self.node(alias), self.places(alias)
            places.log.unlink(missing_ok=True)
            if self.backend != "full":
                build.write_spec(node, places, self.machine)
                build.write_local_bin(places, self.machine)
            make = backends.COMMANDS[self.backend]
            spawn(make(node, places, self.machine), places.run / "node.log")

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
            if not self.processes(node.alias) or "Cannot bind" in self.last_words(node.alias):
                break
        if node is not None:
            raise StentorError(
                f"the node's sshd does not answer: {self.last_words(node.alias)}", where=node.alias
            )

    def last_words(self, alias: str) -> str:
        """What the node's processes said last, for messages."""
        places = self.places(alias)
        said = []
        for path in (places.run / "node.log", places.log):
            with contextlib.suppress(OSError):
                said += path.read_text(errors="replace").strip().splitlines()[-2:]
        return "; ".join(said) or "it left no word"

    def stop(self, names: Iterable[str]) -> None:
        """End every process of these nodes."""
        names = list(names)
        for _ in range(20):  # what is being killed may fork once more
            table = system.table()
            found = self._processes(table)
            pids = set().union(*(found[alias] for alias in names))
            if not pids:
                if self.backend == "full":
                    full.sweep(self, names)
                return
            system.kill(pids)
            left = system.wait_gone(pids)
        raise StentorError(f"these processes cannot be killed: {', '.join(map(str, sorted(left)))}")

    def down(self) -> None:
        """End every process and remove every file."""
        with locked(self.directory):
            self.end()
            remove(self.directory)

    def end(self) -> None:
        """End every process; the files stay."""
        self.stop(self.nodes)
        if self.backend == "full":
            full.end(self)

    def mend(self) -> list[str]:
        """Start what something killed, and take the faults of those nodes away; return their names."""
        dead = [status.alias for status in self.status() if status.state == "dead"]
        self.stop(dead)
        off = [alias for alias in dead if "down" in self.faults(alias)]
        for alias in off:
            faults.black_out(self, alias)
        on = [alias for alias in dead if alias not in off]
        self.start(on)
        self.wait(on)
        for alias in on:
            faults.heal_after_restart(self, alias)
        return dead

    def break_(self, alias: str, fault: str) -> None:
        """Put a fault on a node: a name out of :data:`stentor.lab.faults.FAULTS`, or ``name=value``."""
        with locked(self.directory):
            faults.put(self, self.node(alias).alias, fault)

    def heal(self, alias: str | None = None) -> list[str]:
        """Take the faults of one node away, or of all; return whom that concerned."""
        with locked(self.directory):
            healed = [
                node for node in ([self.node(alias).alias] if alias else self.nodes) if self.faults(node)
            ]
            for name in healed:
                faults.heal(self, name)
        return healed

    def reboot(self, alias: str, seconds: float = 0.0) -> None:
        """Switch a node off, and on again after so many seconds, with another boot id."""
        with locked(self.directory):
            faults.reboot(self, self.node(alias).alias, seconds)

    def reset(self) -> None:
        """Heal all nodes, end what sessions left running, start what died, make their HOMEs fresh."""
        if self.backend == "full":
            self.mend()
        self.heal()
        if self.backend == "full":
            # A session of a full node may have left anything anywhere: each is made anew.
            self.stop(self.nodes)
            full.fresh(self, self.nodes)
        else:
            self._end_sessions()
            self.mend()
        key = machines.public_key(self.directory / "client_key")
        for alias in self.nodes:
            home = self.home(alias)
            for path in home.iterdir():
                if path.is_dir() and not path.is_symlink():
                    remove_tree(path)
                else:
                    path.unlink()
            build.skeleton(home, key, self.node(alias).shell)
        if self.backend == "full":
            self.start(self.nodes)
            self.wait(self.nodes)

    def inside(self, alias: str, *words: str, timeout: float = 60) -> Ran:
        """Run a command as root in a full node, whatever its network and its logins are like."""
        done = full.inside(self, alias, *words, timeout=timeout)
        return Ran(done.returncode, done.stdout, done.stderr)

    def _end_sessions(self) -> None:
        for _ in range(5):  # what is being killed may fork once more
            table = system.table()
            pids = set().union(*self._processes(table).values())
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
