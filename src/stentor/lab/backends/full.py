"""Full nodes: each a Debian 13 of its own with systemd, in a network of the lab's own; root only.

What the other backends do by a request to the node's first process, systemd does here.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from stentor.errors import StentorError, UsageError
from stentor.lab import processes, programs
from stentor.lab.backends.backend import Backend, off
from stentor.lab.backends.debian import make_tree
from stentor.lab.directory import remove_path, write_json
from stentor.lab.plan import debian, files, sandbox
from stentor.lab.plan.nodes import UID, NodePaths, NodePlan, node_paths, plan_nodes
from stentor.lab.plan.process_tree import Process
from stentor.lab.programs import Ran, run
from stentor.programs import as_root

# What Debian's archive is signed with; mmdebstrap says no word of it where it lacks (Ubuntu).
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
PROGRAMS = ("mmdebstrap", "systemd-nspawn", "ip", "nsenter", "unshare")
# The kernel gives out 128 inotify instances to one user; a booted Debian takes about five of them.
MAX_FULL_NODES = 20
SERVICE = {
    "start": ("start", "ssh"),
    "stop": ("stop", "ssh"),
    "restart": ("restart", "ssh"),
    "hang": ("kill", "--kill-whom=main", "--signal=STOP", "ssh"),
    "resume": ("kill", "--kill-whom=main", "--signal=CONT", "ssh"),
}
# The variables of the user who runs the lab are not the node's.
CLEAN = ("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")


class Full(Backend):
    """Nodes booted by systemd-nspawn."""

    name = "full"
    install = "Debian: " + as_root(
        "apt-get install -y mmdebstrap debian-archive-keyring systemd-container iproute2"
    )
    automatic = False
    own_address = True

    @classmethod
    def blocker(cls, environ: Mapping[str, str]) -> str:
        if os.geteuid() != 0:
            return "only root can boot full nodes"
        missing = [name for name in PROGRAMS if programs.find(name, environ) is None]
        missing += [] if os.path.exists(KEYS) else ["debian-archive-keyring"]
        return f"not installed: {', '.join(missing)}" if missing else ""

    @classmethod
    def plan(
        cls, count: int | None, shells: Mapping[str, str], all_up: bool, _environ: Mapping[str, str]
    ) -> list[NodePlan]:
        """Take a free network; the machine's own address ends with 1."""
        if len(shells) > MAX_FULL_NODES:
            raise UsageError(
                f"a lab has at most {MAX_FULL_NODES} full nodes, not {len(shells)}",
                hint="for more, leave out --backend",
            )
        network = _free_network()
        nodes = plan_nodes(
            count, network=(0, 0), ports=[22] * len(shells), user=None, shells=shells, all_up=all_up
        )
        lowest = 0 if count is None else 9
        last = (int(node.address.rpartition(".")[2]) for node in nodes)
        return [
            node._replace(address=f"{network}.{lowest + number}")
            for node, number in zip(nodes, last, strict=True)
        ]

    @classmethod
    def base_system(cls, environ: Mapping[str, str], say: Callable[[str], None]) -> str:
        return str(make_tree(environ, say))

    def server_options(self, node: NodePlan, variables: Mapping[str, str]) -> files.ServerOptions:
        # A full node's OpenSSH is Debian 13's, which knows penalties.
        return super().server_options(node, variables)._replace(penalties=True, pam=True)

    # Processes.

    def command(self, alias: str) -> list[str]:
        paths = self.paths(alias)
        return sandbox.inside(self.machine, "full_node", "node", paths.marker, str(paths.spec))

    def prepare(self, aliases: Collection[str]) -> None:
        """Start the network where it does not run, and write what the nodes' first programs read."""
        hub = self._hub()
        chezmoi = programs.find("chezmoi", self.environ)
        tools = {"chezmoi": os.path.realpath(chezmoi)} if chezmoi else {}
        for alias in aliases:
            paths = self.paths(alias)
            give_to_account(paths.home)
            write_json(paths.spec, debian.spec(self.node(alias), paths, self.record.tree, hub, tools))

    def stop(self, aliases: Collection[str]) -> None:
        super().stop(aliases)
        cgroups = [debian.cgroup(self.paths(alias)) for alias in aliases]
        if cgroups:
            run(sandbox.inside(self.machine, "full_node", "sweep", *cgroups))

    def end(self) -> None:
        """End the nodes, then their network."""
        super().end()
        if self._hub_processes(processes.table()):
            # The kernel would remove the interface with the network, but only some time after this command.
            run(["ip", "link", "delete", self.interface])
        processes.end(self._hub_processes)
        remove_path(self._hub_paths.root)

    @contextlib.contextmanager
    def renewing(self, table: Mapping[int, Process] | None = None) -> Iterator[None]:  # noqa: ARG002
        """A session may have written anywhere, so each node is made anew and booted."""
        self.stop(self.nodes)
        for alias in self.nodes:
            remove_path(self.paths(alias).upper)
            remove_path(self.paths(alias).work)
        yield
        self.start(self.nodes)
        self.wait(self.nodes)

    def first_process(self, alias: str) -> int:
        table = processes.table()
        found = self.all_processes(table)[self.node(alias).alias]
        nspawn = {pid for pid in found if os.path.basename("".join(table[pid].words[:1])) == "systemd-nspawn"}
        for pid in found - nspawn:
            if table[pid].parent in nspawn:
                return pid
        raise off(alias)

    def enter(self, alias: str, *words: str, timeout: float = 60) -> Ran:
        """Run a command as root in a node, without its network."""
        pid = self.first_process(alias)
        return run(["nsenter", f"--target={pid}", "--all", *CLEAN, *words], timeout=timeout)

    def sshd(self, alias: str, verb: str) -> None:
        ran = self.enter(alias, "systemctl", *SERVICE[verb])
        if ran.code:
            raise StentorError(f"its systemd does not '{verb}' sshd: {ran.stderr.strip()}", where=alias)

    # The network.

    def cut_link(self, alias: str) -> None:
        self._set_link(alias, "down")

    def join_link(self, alias: str) -> None:
        self._set_link(alias, "up")

    def _set_link(self, alias: str, state: str) -> None:
        enter = ["nsenter", f"--net=/proc/{self._hub()}/ns/net"]
        ran = run([*enter, "ip", "link", "set", debian.port(self.node(alias)), state])
        if ran.code:
            raise StentorError(f"its link cannot be set {state}: {ran.stderr.strip()}", where=alias)

    @property
    def network(self) -> str:
        """The first three numbers of the nodes' addresses."""
        return next(iter(self.nodes.values())).address.rpartition(".")[0]

    @property
    def interface(self) -> str:
        """The name of this machine's interface to the lab's network."""
        return f"stentor-lab{self.network.rpartition('.')[2]}"

    @property
    def _hub_paths(self) -> NodePaths:
        return node_paths(self.directory / "hub")

    def _hub_processes(self, table: Mapping[int, Process]) -> set[int]:
        marker = self._hub_paths.marker
        return {pid for pid, process in table.items() if marker in process.words and process.state != "Z"}

    def _hub(self) -> int:
        for pid in self._hub_processes(processes.table()):
            return pid
        paths = self._hub_paths
        paths.root.mkdir(exist_ok=True)
        ready, log = paths.root / "ready", paths.root / "node.log"
        ready.unlink(missing_ok=True)
        spec = {"ready": str(ready), "address": f"{self.network}.1/24", "interface": self.interface}
        write_json(paths.spec, spec)
        words = sandbox.inside(self.machine, "full_node", "hub", paths.marker, str(paths.spec))
        pid = programs.spawn(words, log)
        if processes.until(lambda: ready.exists() or not processes.alive(pid)) and ready.exists():
            return pid
        processes.kill([pid])
        why = log.read_text(errors="replace").strip().replace("File exists", "in use")
        raise StentorError(f"the lab's network cannot be made: {why}")


def _free_network() -> str:
    """The first three numbers of a network in 198.18.0.0/16 (for tests: RFC 2544) with no route to it."""
    chance = random.Random()  # noqa: S311 - spreads labs over addresses, nothing secret
    for _ in range(50):
        network = f"198.18.{chance.randrange(256)}"
        if not run(["ip", "-4", "route", "show", "root", f"{network}.0/24"]).stdout.strip():
            return network
    raise StentorError("every network of 198.18.0.0/16 is in use on this machine")


def give_to_account(home: Path) -> None:
    """Let what root wrote into a HOME belong to the node's account."""
    for folder, names, files_ in os.walk(home):
        for path in (folder, *(os.path.join(folder, name) for name in (*names, *files_))):
            if os.lstat(path).st_uid == 0:
                os.lchown(path, UID, UID)
