"""Nodes on this machine's loopback network, each an sshd with a first process which takes requests."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from stentor.errors import Refused, StentorError
from stentor.journal.owner import account
from stentor.lab import machine, processes, programs, shared_clock
from stentor.lab.backends.backend import Backend, off
from stentor.lab.directory import write, write_json
from stentor.lab.plan import files, sandbox
from stentor.lab.plan.nodes import NodePlan, plan_nodes
from stentor.lab.plan.process_tree import Process
from stentor.sh.quoting import quote


class Loopback(Backend):
    """What all of them share."""

    @classmethod
    def plan(
        cls, count: int | None, shells: Mapping[str, str], all_up: bool, environ: Mapping[str, str]
    ) -> list[NodePlan]:
        """Take one network of 127.0.0.0/8 in which all addresses are free, or ports of 127.0.0.1."""
        one_address = os.uname().sysname != "Linux"
        chance = random.Random()  # noqa: S311 - spreads labs over addresses, nothing secret
        for _ in range(50):
            nodes = plan_nodes(
                count,
                network=(chance.randrange(16, 240), chance.randrange(0, 240)),  # 127.0 is for others
                ports=machine.free_ports(len(shells)) if one_address else [2222] * len(shells),
                user=cls.account(environ),
                shells=shells,
                all_up=all_up,
                one_address=one_address,
            )
            if machine.free((node.address, node.port) for node in nodes):
                return nodes
        raise StentorError("no free loopback addresses were found for the nodes")

    @classmethod
    def account(cls, _environ: Mapping[str, str]) -> str | None:
        """The account of all nodes; None where each has one named like it."""
        return None

    def write_node(self, alias: str) -> None:
        node, paths = self.node(alias), self.paths(alias)
        shutil.copyfile(Path(self.machine.code, "node_init.sh"), paths.run / "init")
        if not (paths.run / "control").exists():
            os.mkfifo(paths.run / "control", 0o600)
        write(paths.etc / "passwd", files.passwd(node))
        write(paths.etc / "group", files.group(node))
        write(paths.etc / "hosts", files.hosts(node))
        write(paths.etc / "hostname", node.alias + "\n")
        if not (paths.etc / "boot_id").exists():
            self._new_boot_id(alias)

    def _new_boot_id(self, alias: str) -> None:
        write(self.paths(alias).etc / "boot_id", f"{uuid.uuid4()}\n")

    def switch_on(self, alias: str) -> None:
        self._new_boot_id(alias)
        super().switch_on(alias)

    @contextlib.contextmanager
    def renewing(self, table: Mapping[int, Process] | None = None) -> Iterator[None]:
        """Kill what sessions left behind; the nodes go on."""
        processes.end(self._guests, table)
        yield

    def _guests(self, table: Mapping[int, Process]) -> set[int]:
        pids: set[int] = set().union(*self.all_processes(table).values())
        return {pid for pid in pids if not self._is_node_itself(table[pid])}

    def _is_node_itself(self, process: Process) -> bool:
        """Whether it is the node's sandbox, first process or listening sshd, not a session's."""
        if any(word.startswith("stentor-lab=") or word.endswith("/init") for word in process.words):
            return True
        return self.is_listening_sshd(process)

    def sshd(self, alias: str, verb: str) -> None:
        """Send a request to the node's first process, and wait for its answer."""
        run = self.paths(alias).run
        number = os.urandom(8).hex()
        try:
            pipe = os.open(run / "control", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            raise off(alias) from None
        with open(pipe, "w") as file:
            file.write(f"{number} {verb}\n")
        done = run / "done"
        if not processes.until(lambda: done.exists() and done.read_text().strip() == number, pause=0.002):
            raise StentorError(f"the node's first process does not answer '{verb}'", where=alias)

    def silence(self, alias: str) -> None:
        """Let a process take the address and answer nothing."""
        node, paths = self.node(alias), self.paths(alias)
        programs.spawn(sandbox.blackhole(node, paths, self.machine), paths.run / "blackhole.log")
        if not processes.until(lambda: machine.silent(node.address, node.port)):
            raise StentorError("connections to it cannot be made to time out here", where=alias)

    def cut_link(self, alias: str) -> None:
        """End the listener, stop the sessions' sshds, and let a process take the address."""
        self.sshd(alias, "stop")
        self.signal_sessions(alias, processes.STOP)
        self.silence(alias)

    def join_link(self, alias: str) -> None:
        processes.end(lambda _: self.matching(alias, r".*/blackhole\.py( |$)"))
        self.signal_sessions(alias, processes.CONTINUE)
        self.sshd(alias, "start")


class Isolated(Loopback):
    """Nodes with their own hostname, account, HOME, /tmp and processes, by namespaces of the kernel."""

    def prepare(self, aliases: Collection[str]) -> None:
        """Link the tools; PATH may have changed since the last start."""
        if not self.machine.tools:
            return
        links = sandbox.local_bin_links(os.listdir(sandbox.LOCAL_BIN), self.machine.tools)
        for alias in aliases:
            folder = self.paths(alias).local_bin
            folder.mkdir(exist_ok=True)
            for name, target in links.items():
                if not (folder / name).is_symlink():
                    (folder / name).symlink_to(target)

    def first_process(self, alias: str) -> int:
        """The shell which keeps the node's sshd."""
        table = processes.table()
        for pid in self.all_processes(table)[alias]:
            if table[pid].words[:2] == ("/bin/sh", f"{sandbox.NODE_RUN}/init"):
                return pid
        raise off(alias)


class Bubblewrap(Isolated):
    """Nodes under bubblewrap, with or without root."""

    name = "bwrap"

    @classmethod
    def blocker(cls, environ: Mapping[str, str]) -> str:
        return "" if programs.find("bwrap", environ) else "bubblewrap is not installed"

    def command(self, alias: str) -> list[str]:
        return sandbox.bwrap(self.node(alias), self.paths(alias), self.machine)


class Unshare(Isolated):
    """The same by the kernel's own calls (``inside/namespaces.py``), without bubblewrap."""

    name = "unshare"

    @classmethod
    def blocker(cls, _environ: Mapping[str, str]) -> str:
        return "" if os.uname().sysname == "Linux" else "only Linux has it"

    def prepare(self, aliases: Collection[str]) -> None:
        super().prepare(aliases)
        for alias in aliases:
            node, paths = self.node(alias), self.paths(alias)
            boot_id = (paths.etc / "boot_id").read_text()
            write_json(paths.spec, sandbox.unshare_spec(node, paths, self.machine, boot_id))

    def command(self, alias: str) -> list[str]:
        return sandbox.unshare(self.paths(alias), self.machine)


class Plain(Loopback):
    """Nodes which are only an sshd: account, processes and files are this machine's."""

    name = "plain"
    isolated = False
    # An sshd which is not root needs /dev/pts to be mounted with gid=5; some machines differ.
    needs_terminal = False
    limits = ("hostname is simulated; the account and processes are this machine's",)

    @classmethod
    def account(cls, environ: Mapping[str, str]) -> str:
        return account(environ.get("USER") or str(os.getuid()))

    def write_node(self, alias: str) -> None:
        super().write_node(alias)
        run = self.paths(alias).run
        write(run / "session", files.PLAIN_SESSION, 0o755)
        (run / "bin").mkdir(exist_ok=True)
        write(run / "bin" / "hostname", files.PLAIN_HOSTNAME.format(alias=alias), 0o755)

    def server_options(self, node: NodePlan, variables: Mapping[str, str]) -> files.ServerOptions:
        paths = self.paths(node.alias)
        own = (str(paths.run / "bin"), "/usr/local/bin", "/usr/bin", "/bin")
        path = ":".join(dict.fromkeys((*own, *self.environ.get("PATH", "").split(":"))))
        return files.ServerOptions(
            directory=str(paths.ssh),
            authorized_keys=str(paths.home / ".ssh" / "authorized_keys"),
            sftp=machine.sftp_server(),
            max_sessions=self.record.max_sessions,
            penalties=self.machine.penalties,
            environment={**sandbox.plain_environment(node, paths, path), **variables},
            force_command=quote(str(paths.run / "session")),
        )

    def prepare(self, aliases: Collection[str]) -> None:  # noqa: ARG002
        machine.make_separation_directory()

    def end(self) -> None:
        """End every process, and remove what those with a wrong clock shared."""
        super().end()
        for alias in self.nodes:
            shared_clock.remove(self.paths(alias).root)

    def command(self, alias: str) -> list[str]:
        return sandbox.plain(self.paths(alias), self.machine)

    def roots(self, table: Mapping[int, Process]) -> dict[str, set[int]]:
        """Find also what sessions left behind."""
        roots = super().roots(table)
        # What a session left behind has no parent of the node's any more; only its environment tells.
        for alias, pids in roots.items():
            pids |= processes.marked(table, f"STENTOR_LAB_NODE={self.paths(alias).marker}")
        return roots

    def first_process(self, alias: str) -> int:
        raise Refused("a plain node has no file system of its own", where=alias, hint="needs bubblewrap")
