"""Each node's address and port: from the fleet, from the cache, else from ``ssh -G``.

A node with an address in the fleet file needs no process, unless ssh_config sets ports
or jump hosts; that is found out once for all nodes, since each ``ssh -G`` is a process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from stentor import programs
from stentor.errors import Refused, StentorError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop
from stentor.ssh.rundir import Known, path_text, run_directory
from stentor.ssh.target import Target, config_argv, destination, parse_config, target_of
from stentor.typed import NamedTuple

Ask = Callable[[Sequence[Sequence[str]]], list[str]]
"""Runs programs, some at once, and returns what each wrote to both streams."""

DEFAULT_PORT = 22
PROXY = "a ProxyCommand"
_SAYS_WHERE = re.compile(r"^[ \t]*(proxyjump|proxycommand|port)[ \t=]", re.IGNORECASE | re.MULTILINE)


class Place(NamedTuple):
    """Where to connect for a node."""

    # Names or IP addresses in the order in which they are tried; empty when nothing but a login can tell.
    addresses: tuple[str, ...]
    port: int  # TCP port
    # Empty when this is the node itself; else what it is reached through: the jump host that these addresses
    # belong to, or ``PROXY``.
    behind: str = ""


def places(
    fleet: Fleet, nodes: Iterable[Node], *, environ: Mapping[str, str], ask: Ask | None = None
) -> dict[str, Place]:
    """Find where to connect for each node.

    Args:
        environ: the environment in which ssh is asked.
        ask: runs the programs; by default processes of this machine.
    """
    return _Search(fleet, environ, ask or (lambda argvs: run_programs(argvs, environ))).find(list(nodes))


class _Search:
    def __init__(self, fleet: Fleet, environ: Mapping[str, str], ask: Ask) -> None:
        self.fleet = fleet
        self.ask = ask
        self.known: Known | None
        try:
            self.known = Known(run_directory(environ, fleet.root))
        except Refused:
            self.known = None  # a login reports it; a ping needs no such folder

    def find(self, nodes: list[Node]) -> dict[str, Place]:
        found: dict[str, Place] = {}
        unknown: list[Node] = []
        for node in nodes:
            target = self.remembered(node)
            if node.jump:
                found[node.alias] = self.jump(node)
            elif target:
                found[node.alias] = self.by_target(node, target)
            else:
                unknown.append(node)
        with_address = [node for node in unknown if node.addresses]
        if with_address:
            said_there = self.words_of_config(with_address[0])
            for node in with_address:
                if not said_there or (node.port and said_there == {"port"}):
                    found[node.alias] = Place(node.addresses, node.port or DEFAULT_PORT)
            unknown = [node for node in unknown if node.alias not in found]
        argvs = [config_argv(self.fleet, node) for node in unknown]
        for node, said in zip(unknown, self.ask(argvs), strict=True):
            settings, _ = parse_config(said)
            if "hostname" in settings:
                found[node.alias] = self.by_target(node, target_of(settings, ""))
            else:  # no ssh here, or a configuration that it rejects: a login will say so
                found[node.alias] = Place(node.addresses or (node.alias,), node.port or DEFAULT_PORT)
        return found

    def remembered(self, node: Node) -> Target | None:
        return self.known.get(node.alias, destination(self.fleet, node)) if self.known else None

    def words_of_config(self, node: Node) -> set[str]:
        """Which of port, jump host and proxy command ssh's configuration files set, for whatever host."""
        [said] = self.ask([config_argv(self.fleet, node)])
        files = parse_config(said)[1]
        return {word.lower() for path in files for word in _SAYS_WHERE.findall(path_text(path))}

    def by_target(self, node: Node, target: Target) -> Place:
        if target.via == "proxy":
            return Place((), DEFAULT_PORT, PROXY)
        if target.via:
            return self.hop(target.via.split(",")[0])
        return Place(node.addresses or (target.hostname,), node.port or target.port)

    def jump(self, node: Node) -> Place:
        """The place of the first jump host, followed while that has a jump host, too."""
        seen = {node.alias}
        hop = (node.jump or "").split(",")[0]
        while (gate := self.fleet.nodes.get(Hop.parse(hop).host)) and gate.alias not in seen:
            seen.add(gate.alias)
            if not gate.jump:
                port = Hop.parse(hop).port
                place = self.find([gate._replace(port=port) if port else gate])[gate.alias]
                return place if place.behind else place._replace(behind=gate.alias)
            hop = gate.jump.split(",")[0]
        return self.hop(hop)

    def hop(self, hop: str) -> Place:
        """The place of a jump host in ssh's syntax, ``user@host:port``, which ssh_config may know."""
        host, user, port = Hop.parse(hop)
        for node in self.fleet.nodes.values():  # written out from the fleet by ssh.target
            direct = not node.jump and host in node.addresses
            if direct and (port or DEFAULT_PORT) == (node.port or DEFAULT_PORT):
                return Place(node.addresses, node.port or DEFAULT_PORT, node.alias)
        words = ["-F", self.fleet.ssh_config] if self.fleet.ssh_config else []
        words += ["-l", user] if user else []
        words += ["-p", str(port)] if port else []
        [said] = self.ask([["ssh", "-G", *words, "--", host]])
        settings, _ = parse_config(said)
        if "hostname" not in settings:
            return Place((host,), port or DEFAULT_PORT, host)
        target = target_of(settings, "")
        if target.via == "proxy":
            return Place((), DEFAULT_PORT, f"{host} behind {PROXY}")
        if target.via and target.via.split(",")[0] != hop:
            return self.hop(target.via.split(",")[0])
        return Place((target.hostname,), target.port, host)


def run_programs(argvs: Sequence[Sequence[str]], environ: Mapping[str, str]) -> list[str]:
    """Run programs, eight at once, and return what each wrote; nothing where it is not installed."""
    try:
        done = programs.run_many(argvs, environ, at_once=8, timeout=10, stderr=programs.MERGED)
    except StentorError:
        return [""] * len(argvs)
    return [one.text for one in done]
