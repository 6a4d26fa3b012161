"""What every way of keeping practice nodes apart can do.

The nodes of a lab are processes which are found again by a marker in their command lines, so that nothing is
lost when the program that started them is killed.
"""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import ClassVar

from stentor.errors import Refused, StentorError, UsageError
from stentor.lab import processes, programs
from stentor.lab.directory import Record, remove_path, save, write
from stentor.lab.machine import greets, make_keys, public_key
from stentor.lab.plan import files
from stentor.lab.plan.nodes import NodePaths, NodePlan, groups_for, node_paths
from stentor.lab.plan.process_tree import Process, trees
from stentor.lab.plan.sandbox import NODE_SSH, Machine, inside

# A node whose sshd does not answer within so many seconds is broken; the machine may be very busy.
PATIENCE = 30.0
_GONE = 100  # looks at a node without processes, until it is said to have ended


class Backend(ABC):
    """The nodes of one lab. Each subclass is one way of keeping them apart, and declares what it can do."""

    name: ClassVar[str]  # what ``--backend`` calls it
    install: ClassVar[str] = programs.INSTALL  # how to install what it needs
    automatic: ClassVar[bool] = True  # whether ``lab up`` tries it unless another is asked for
    isolated: ClassVar[bool] = True  # whether a node has its own hostname, account and processes
    own_address: ClassVar[bool] = False  # whether a node has an address which is gone when the node is off
    needs_terminal: ClassVar[bool] = True  # whether a login without a terminal is not enough
    limits: ClassVar[tuple[str, ...]] = ()  # what is not lifelike, for the user

    def __init__(self, directory: Path, record: Record, machine: Machine, environ: Mapping[str, str]) -> None:
        self.directory = directory
        self.record = record
        self.machine = machine
        self.environ = environ
        self.nodes: dict[str, NodePlan] = {node.alias: node for node in record.nodes}
        self._paths = {alias: node_paths(directory / "nodes" / alias) for alias in self.nodes}

    # Before there is a lab.

    @classmethod
    def blocker(cls, _environ: Mapping[str, str]) -> str:
        """Why there can be no such nodes on this machine, or an empty text."""
        return ""

    @classmethod
    @abstractmethod
    def plan(
        cls, count: int | None, shells: Mapping[str, str], all_up: bool, environ: Mapping[str, str]
    ) -> list[NodePlan]:
        """Give the nodes addresses which are free now.

        Args:
            count: how many; None for the five named ones.
            shells: alias to the absolute path of its login shell.
            all_up: expect every node to be up.
        """

    @classmethod
    def base_system(cls, _environ: Mapping[str, str], _say: Callable[[str], None]) -> str:
        """The directory of the system which the nodes share, where that is not this machine's."""
        return ""

    # Where things are.

    def node(self, alias: str) -> NodePlan:
        """The plan of a node, by its alias or full name.

        Raises:
            UsageError: there is no such node.
        """
        if alias in self.nodes:
            return self.nodes[alias]
        for node in self.nodes.values():
            if alias == node.name:
                return node
        raise UsageError(f"the lab has no node '{alias}'", hint=f"it has {', '.join(self.nodes)}")

    def paths(self, alias: str) -> NodePaths:
        """The directory of a node."""
        return self._paths[self.node(alias).alias]

    # Files.

    def write_files(self) -> None:
        """Write everything which nodes and clients read; what is there already stays."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for paths in self._paths.values():
            for path in (paths.home, paths.ssh, paths.run):
                path.mkdir(mode=0o755, parents=True, exist_ok=True)
        host_keys = {alias: paths.ssh / "ssh_host_ed25519_key" for alias, paths in self._paths.items()}
        make_keys([self.directory / "client_key", *host_keys.values()], "stentor-lab")
        for alias in self.nodes:
            self.write_node(alias)
            self.configure_sshd(alias)
            if not any(self._paths[alias].home.iterdir()):
                self.fill_home(alias)
        nodes = tuple(self.nodes.values())
        keys = {alias: public_key(path) for alias, path in host_keys.items()}
        write(self.directory / "known_hosts", files.known_hosts(nodes, keys))
        write(self.directory / "ssh_config", files.ssh_config(nodes, str(self.directory)))
        fleet = self.directory / "ssot" / "nodes.yaml"
        if not fleet.exists():
            fleet.parent.mkdir(exist_ok=True)
            write(fleet, files.nodes_yaml(nodes, groups_for(self.record.numbered)))
        save(self.directory, self.record)

    def write_node(self, alias: str) -> None:  # noqa: B027 - not every backend has any
        """Write those files of a node which only this backend has."""

    def fill_home(self, alias: str) -> None:
        """Make a node's HOME that of a new account, into which the lab's key can log in."""
        home = self.paths(alias).home
        for path in home.iterdir():
            remove_path(path)
        for name, text in files.HOME_FILES.items():
            (home / name).write_text(text)
        (home / ".ssh").mkdir(mode=0o700)
        key = public_key(self.directory / "client_key")
        write(home / ".ssh" / "authorized_keys", f"{key} stentor-lab\n", 0o600)
        if self.node(alias).shell.endswith("/fish"):
            # Without it the first interactive fish reads all manual pages of the machine, for many seconds.
            (home / ".local/share/fish/generated_completions").mkdir(parents=True)

    def configure_sshd(self, alias: str, variables: Mapping[str, str] | None = None) -> None:
        """Write the configuration of a node's sshd, which reads it when it starts.

        Args:
            variables: what every session gets into its environment.
        """
        node = self.node(alias)
        options = self.server_options(node, variables or {})
        write(self.paths(alias).ssh / "sshd_config", files.sshd_config(node.address, node.port, options))

    def server_options(self, node: NodePlan, variables: Mapping[str, str]) -> files.ServerOptions:
        """How a node's sshd is set up; it sees the node's own files."""
        return files.ServerOptions(
            directory=NODE_SSH,
            authorized_keys=f"/home/{node.user}/.ssh/authorized_keys",
            max_sessions=self.record.max_sessions,
            penalties=self.machine.penalties,
            environment=variables,
        )

    # Processes.

    def processes(self, alias: str) -> set[int]:
        """The processes of a node, by the numbers which they have outside of it."""
        return self.all_processes(processes.table())[self.node(alias).alias]

    def all_processes(self, table: Mapping[int, Process]) -> dict[str, set[int]]:
        """The processes of every node."""
        return trees(table, self.roots(table))

    def roots(self, table: Mapping[int, Process]) -> dict[str, set[int]]:
        """The processes of every node which the others descend from."""
        markers = {paths.marker: alias for alias, paths in self._paths.items()}
        roots: dict[str, set[int]] = {alias: set() for alias in self.nodes}
        for process in table.values():
            for word in process.words:
                if word in markers:
                    roots[markers[word]].add(process.pid)
        return roots

    @abstractmethod
    def command(self, alias: str) -> list[str]:
        """The command line which starts a node."""

    def prepare(self, aliases: Collection[str]) -> None:  # noqa: B027 - not every backend needs anything
        """Do what is needed each time before these nodes start."""

    def start(self, aliases: Collection[str]) -> None:
        """Start nodes, side by side; their sshds may not answer yet."""
        self.prepare(aliases)
        for alias in aliases:
            paths = self.paths(alias)
            paths.log.unlink(missing_ok=True)
            programs.spawn(self.command(alias), paths.run / "node.log")

    def wait(self, aliases: Collection[str], patience: float = PATIENCE) -> None:
        """Wait until the sshds of these nodes send their banner.

        Raises:
            StentorError: one did not; with the end of its log.
        """
        waiting = [self.node(alias) for alias in aliases]
        gone = 0
        for _ in processes.ticks(patience):
            while waiting and greets(waiting[0].address, waiting[0].port):
                waiting.pop(0)
            if not waiting:
                return
            alias = waiting[0].alias
            # A node that has just been started may have no process yet, on a busy machine.
            gone = 0 if self.processes(alias) else gone + 1
            if gone > _GONE or "Cannot bind" in self.log_end(alias):
                break
        alias = waiting[0].alias
        raise StentorError(f"the node's sshd does not answer: {self.log_end(alias)}", where=alias)

    def log_end(self, alias: str) -> str:
        """The last lines of a node's logs, for messages."""
        paths = self.paths(alias)
        lines = []
        for path in (paths.run / "node.log", paths.log):
            with contextlib.suppress(OSError):
                lines += path.read_text(errors="replace").strip().splitlines()[-2:]
        return "; ".join(lines) or "its log is empty"

    def stop(self, aliases: Collection[str]) -> None:
        """End every process of these nodes.

        Raises:
            StentorError: a process cannot be killed.
        """
        left = processes.end(
            lambda table: {pid for alias in aliases for pid in self.all_processes(table)[alias]}
        )
        if left:
            raise StentorError(f"these processes cannot be killed: {', '.join(map(str, sorted(left)))}")

    def end(self) -> None:
        """End every process; the files stay."""
        self.stop(self.nodes)

    @abstractmethod
    def renewing(self, table: Mapping[int, Process] | None = None) -> contextlib.AbstractContextManager[None]:
        """End what sessions left behind; while this is open, the HOMEs may be filled anew.

        Args:
            table: of all processes, if it was read a moment ago.
        """

    # What faults do to a node.

    def signal_sessions(self, alias: str, number: int) -> None:
        """Send a signal to the sshds of a node's sessions."""
        processes.kill(self.matching(alias, r"sshd(-session)?: "), number)

    def matching(self, alias: str, pattern: str) -> set[int]:
        """The processes of a node whose command line begins with a regular expression."""
        table = processes.table()
        pids = self.all_processes(table)[alias]
        return {pid for pid in pids if re.match(pattern, " ".join(table[pid].words))}

    @abstractmethod
    def sshd(self, alias: str, verb: str) -> None:
        """Let a node ``start``, ``stop``, ``restart``, ``hang`` or ``resume`` its sshd; wait until it did.

        Raises:
            Refused: the node is off.
            StentorError: it did not do so.
        """

    def silence(self, alias: str) -> None:  # noqa: B027 - a node with an address of its own is silent when off
        """Let connections to a node which is off time out."""

    @abstractmethod
    def cut_link(self, alias: str) -> None:
        """Let nothing through to a running node, in either direction."""

    @abstractmethod
    def join_link(self, alias: str) -> None:
        """Undo :meth:`cut_link`."""

    def switch_on(self, alias: str) -> None:
        """Start a node which was off, as after a new boot, and wait for its sshd."""
        self.stop([alias])
        self.start([alias])
        self.wait([alias])

    @abstractmethod
    def first_process(self, alias: str) -> int:
        """A process within all of a node's namespaces, by the number which it has outside.

        Raises:
            Refused: the node is off, or has no namespaces.
        """

    def change_mount(self, alias: str, verb: str) -> None:
        """``fill``, ``unfill``, ``lock`` or ``unlock`` the file system of a running node's HOME.

        Raises:
            Refused: the node is off, or has no file system of its own.
            StentorError: the kernel refused.
        """
        pid, home = self.first_process(alias), f"/home/{self.node(alias).user}"
        ran = programs.run(inside(self.machine, "namespaces", verb, str(pid), home))
        if ran.code:
            raise StentorError(f"its file system cannot be changed: {ran.stderr.strip()}", where=alias)

    def is_listening_sshd(self, process: Process) -> bool:
        """Whether this process of a node waits for connections."""
        return self.machine.sshd in " ".join(process.words[:3])


def off(alias: str) -> Refused:
    """The error for what needs a running node."""
    return Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}")
