"""A practice fleet of real sshds on this machine: show, break, heal, reset, end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stentor.errors import Refused
from stentor.lab import processes
from stentor.lab.backends import Backend
from stentor.lab.directory import locked, remove, write
from stentor.lab.faults import FAULTS, parse
from stentor.lab.plan.nodes import NodePlan
from stentor.lab.plan.process_tree import Process
from stentor.lab.programs import Ran, run


class NodeStatus(NamedTuple):
    """The state of a practice node."""

    alias: str  # its name
    address: str  # where its sshd listens
    port: int  # likewise
    # ``up``, ``down`` (asked for), ``broken`` (up, with a fault) or ``dead`` (killed from outside).
    state: str
    faults: tuple[str, ...]  # those in force
    processes: int  # how many processes it has


class Lab:
    """One lab. Made by :func:`stentor.lab.start.up` or :func:`stentor.lab.start.open_lab`.

    Attributes:
        backend: the nodes, and what the lab does to them.
        skipped: why the backends tried before were not used, when this lab was started.
        directory: where its files are.
        nodes: alias to plan.
        node: the plan of a node, by its alias or full name.
        paths: alias to the directory of the node.
        processes: alias to the node's processes, by the numbers which they have outside of it.
    """

    def __init__(self, backend: Backend, skipped: tuple[str, ...] = ()) -> None:
        self.backend = backend
        self.skipped = skipped
        self.directory = backend.directory
        self.nodes = backend.nodes
        self.node = backend.node
        self.paths = backend.paths
        self.processes = backend.processes

    @property
    def limits(self) -> tuple[str, ...]:
        """What is not lifelike in this lab, in words."""
        without = () if self.backend.record.terminals else ("logins with a terminal do not work",)
        return self.backend.limits + without

    @property
    def fleet_dir(self) -> Path:
        """The value for ``STENTOR_FLEET``."""
        return self.directory / "ssot"

    @property
    def ssh_config(self) -> Path:
        """For ``ssh -F``."""
        return self.directory / "ssh_config"

    def home(self, alias: str) -> Path:
        """The HOME of a node, as this machine sees it."""
        return self.paths(alias).home

    def faults(self, alias: str) -> tuple[str, ...]:
        """The faults in force on a node."""
        try:
            return tuple(self.paths(alias).faults.read_text().split())
        except FileNotFoundError:
            return ()

    def status(self, table: Mapping[int, Process] | None = None) -> list[NodeStatus]:
        """The state of all nodes.

        Args:
            table: of all processes, if it was read a moment ago.
        """
        table = processes.table() if table is None else table
        pids = self.backend.all_processes(table)
        return [self._status(node, pids[node.alias], table) for node in self.nodes.values()]

    def _status(self, node: NodePlan, pids: set[int], table: Mapping[int, Process]) -> NodeStatus:
        faults = self.faults(node.alias)
        state = self._state(pids, faults, table)
        count = 0 if state == "down" else len(pids)
        return NodeStatus(node.alias, node.address, node.port, state, faults, count)

    def _state(self, pids: set[int], faults: Sequence[str], table: Mapping[int, Process]) -> str:
        if any(FAULTS[name].off for name in faults):
            # On a shared address a process must run which lets connections time out.
            silent = pids or self.backend.own_address or "down" not in faults
            return "down" if silent else "dead"
        may_not_listen = any(FAULTS[name].volatile for name in faults)
        listens = any(self.backend.is_listening_sshd(table[pid]) for pid in pids)
        if not pids or not (listens or may_not_listen):
            return "dead"
        return "broken" if faults else "up"

    def run(self, alias: str, *command: str, options: Sequence[str] = (), timeout: float = 20) -> Ran:
        """Run a command by plain ``ssh -F``, with neither master nor terminal.

        Returns:
            Exit code (255 is ssh's own), stdout and stderr.
        """
        words = ["ssh", "-F", str(self.ssh_config), *options, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
        return run([*words, self.node(alias).alias, *command], timeout=timeout)

    # Faults.

    def break_(self, alias: str, fault: str) -> None:
        """Put a fault on a node; the same one again only changes its value.

        Args:
            fault: a name out of :data:`stentor.lab.faults.FAULTS`, or ``name=value``.

        Raises:
            UsageError: there is no such node or fault.
            Refused: the node is off, or cannot be broken in this way.
        """
        alias = self.node(alias).alias
        name, value = parse(fault)
        kind = FAULTS[name]
        with locked(self.directory):
            faults = self.faults(alias)
            if any(FAULTS[other].off for other in faults):
                raise Refused("the node is already off", where=alias, hint=f"stentor lab heal {alias}")
            if name in faults and not kind.default:
                return
            kind.apply(self.backend, alias, value)
            kept = [other for other in faults if not (kind.off and FAULTS[other].volatile)]
            self._record_faults(alias, [*kept, name])

    def heal(self, alias: str | None = None) -> list[str]:
        """Take the faults of one node away, or of all; return the nodes which had any."""
        with locked(self.directory):
            aliases = [self.node(alias).alias] if alias else list(self.nodes)
            broken = [alias for alias in aliases if self.faults(alias)]
            for alias in broken:
                self._heal(alias)
        return broken

    def _heal(self, alias: str) -> None:
        """Take away every fault of a node; first what keeps it off."""
        for name in sorted(self.faults(alias), key=lambda name: not FAULTS[name].off):
            FAULTS[name].heal(self.backend, alias)
        self._record_faults(alias, [])
        self.backend.wait([alias])

    def _record_faults(self, alias: str, names: Sequence[str]) -> None:
        path = self.paths(alias).faults
        if names:
            write(path, "".join(f"{name}\n" for name in dict.fromkeys(names)))
        else:
            path.unlink(missing_ok=True)

    def switch_off(self, aliases: Sequence[str]) -> None:
        """Let nodes which were never started be down, as after ``lab break NODE down``."""
        for alias in aliases:
            self._record_faults(alias, ["down"])
            self.backend.silence(alias)

    def reboot(self, alias: str, seconds: float = 0.0) -> None:
        """Switch a node off, and on again after so many seconds, with another boot id; faults stay.

        Raises:
            Refused: the node is off.
        """
        alias = self.node(alias).alias
        with locked(self.directory):
            faults = self.faults(alias)
            if any(FAULTS[name].off for name in faults):
                raise Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}")
            self.backend.stop([alias])
            self.backend.silence(alias)
            time.sleep(seconds)
            self.backend.switch_on(alias)
            for name in faults:
                if FAULTS[name].volatile:
                    FAULTS[name].apply(self.backend, alias, FAULTS[name].default)

    # All nodes.

    def repair(self, table: Mapping[int, Process] | None = None) -> list[str]:
        """Start what was killed from outside, and take the faults of those nodes away; return their names.

        Args:
            table: of all processes, if it was read a moment ago.
        """
        dead = [status.alias for status in self.status(table) if status.state == "dead"]
        if not dead:
            return []
        self.backend.stop(dead)
        off = [alias for alias in dead if "down" in self.faults(alias)]
        self.switch_off(off)
        on = [alias for alias in dead if alias not in off]
        self.backend.start(on)
        self.backend.wait(on)
        for alias in on:
            # The others ended with the node's processes.
            kept = [name for name in self.faults(alias) if not (FAULTS[name].volatile or FAULTS[name].off)]
            self._record_faults(alias, kept)
            self._heal(alias)
        return dead

    def reset(self) -> None:
        """Make all nodes as new: start what was killed, heal, end what sessions left, fill the HOMEs anew."""
        table = processes.table()
        changed = [*self.repair(table), *self.heal()]
        with self.backend.renewing(None if changed else table):
            for alias in self.nodes:
                self.backend.fill_home(alias)

    def down(self) -> None:
        """End every process and remove every file."""
        with locked(self.directory):
            self.backend.end()
            remove(self.directory)
        if self.directory.parent.name == "stentor":
            with contextlib.suppress(OSError):  # what else is kept there stays
                self.directory.parent.rmdir()
