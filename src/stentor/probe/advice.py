"""What ssh_config says that does not reach a node as one may think: behind ``stentor check`` and ``doctor``.

A node with an address in the fleet file is to ssh its name first and its address second: what a block for
the address says holds, unless something that the name matches has said it before. Where that is so, or
where the address is itself a name of ssh_config with another HostName, it is told here, as are jump hosts
that would jump through themselves.

A few processes of ``ssh -G``, however large the fleet is: only nodes whose address a Host line means are
asked about, and each jump host once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop, matches_list, options_of, words_of
from stentor.probe.places import run_programs
from stentor.ssh.diagnose import complaints
from stentor.ssh.identity import CIRCLE_HINT, next_hop, settings_of
from stentor.ssh.rundir import path_text
from stentor.ssh.target import by_address, config_argv, destination, parse_config
from stentor.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stentor.fleet.document import Fault

Ask = Callable[[Sequence[Sequence[str]]], list[str]]

# What has the name in it, or is ours to set.
_OF_THE_NAME = ("host", "controlpath", "canonicalizehostname")
_MOST_HOPS = 16


class Advice(NamedTuple):
    """One thing to know."""

    node: str  # the alias; empty where it is about a jump host
    what: str  # in a line
    hint: str  # what to do about it


class _Said(NamedTuple):
    """What configuration files say, whichever host it is for."""

    hosts: list[tuple[str, ...]]  # the patterns of each Host line, those for all hosts left out
    jumps: list[str]  # the first jump host of each ProxyJump


def advice(
    fleet: Fleet, nodes: Iterable[Node], environ: Mapping[str, str], ask: Ask | None = None
) -> list[Advice]:
    """Return what to know of these nodes, in their order, then of jump hosts.

    Args:
        nodes: which; this machine itself is not among them.
        environ: the environment in which ssh is asked.
        ask: runs the programs; by default processes of this machine.
    """
    ask = ask or (lambda argvs: run_programs(argvs, environ))
    far = list(nodes)
    if not far:
        return []
    [said] = ask([config_argv(fleet, far[0])])
    read = read_files(path_text(path) for path in parse_config(said)[1])
    return [*_hidden(fleet, far, read, ask), *_circles(fleet, far, read, ask)]


def rejected(fleet: Fleet, environ: Mapping[str, str], ask: Ask | None = None) -> list[Fault]:
    """Return what ssh rejects in its configuration: then it logs in nowhere.

    ssh reads all blocks to their end, whichever node they are for; so one node is enough.

    Args:
        environ: the environment in which ssh is asked.
        ask: runs the programs; by default processes of this machine.
    """
    from stentor.fleet.document import Fault  # needs a parser of YAML, which the doctor does without

    node = next(iter(fleet.nodes.values()), None)
    if node is None:
        return []
    [said] = ask([config_argv(fleet, node)]) if ask else run_programs([config_argv(fleet, node)], environ)
    hint = "ssh itself rejects it, and logs in nowhere"
    if found := complaints(said):
        return [Fault(one.file, one.line, 1, one.what, hint) for one in found]
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("debug")]
    if lines and "hostname" not in parse_config(said)[0] and not next_hop(said):
        return [Fault("ssh", 0, 0, lines[-1].strip(), hint)]  # "Bad owner or permissions on FILE"
    return []


def read_files(texts: Iterable[str]) -> _Said:
    """Find the lines that matter here."""
    found = _Said([], [])
    for text in texts:
        for _, (key, value) in options_of(text):
            words = tuple(words_of(value))
            if key == "host" and set(words) - {"*"}:
                found.hosts.append(words)
            elif key == "match" and "originalhost" in map(str.lower, words[:-1]):
                at = [word.lower() for word in words].index("originalhost")
                found.hosts.append(tuple(words[at + 1].split(",")))
            elif key == "proxyjump" and words and words[0].lower() != "none":
                found.jumps.append(words[0].split(",")[0])
    return found


def _hidden(fleet: Fleet, nodes: Sequence[Node], read: _Said, ask: Ask) -> list[Advice]:
    meant = [
        (node, address)
        for node in nodes
        for address in node.addresses
        if address != node.alias and any(matches_list(words, address) for words in read.hosts)
    ]
    argvs: list[list[str]] = []
    for node, address in meant:
        argvs.append(["ssh", "-G", *destination(fleet, node, address=address)])
        argvs.append(["ssh", "-G", *by_address(fleet, node, address)])
    said = ask(argvs)
    found = []
    for (node, address), ours, theirs in zip(meant, said[::2], said[1::2], strict=True):
        found += compare(node.alias, address, ours, theirs)
    return found


def compare(alias: str, address: str, ours: str, theirs: str) -> list[Advice]:
    """Compare what ``ssh -G`` says of a node by its name and address, and by its address alone."""
    mine, others = _lists(ours), _lists(theirs)
    hostname = others.get("hostname", [address])[0]
    if mine.get("hostname") != [hostname] and hostname.lower() != address.lower():
        what = f"its address {address} is a name of ssh_config, which leads to {hostname}; here it does not"
        return [
            Advice(alias, what, f"write 'address: {hostname}', or call the node {address}, without address")
        ]
    lost = [
        f"{key} {value}"
        for key, values in others.items()
        if key not in _OF_THE_NAME
        for value in values
        if value not in mine.get(key, [])
    ]
    if not lost:
        return []
    has = [f"{key} {mine[key][0]}" for key in dict.fromkeys(one.split(" ")[0] for one in lost) if key in mine]
    what = f"ssh_config says for {address}: {', '.join(lost)}; for {alias} something comes before that"
    if has:
        what += f": {', '.join(has)}"
    return [Advice(alias, what, f"name {alias} in the Host line that means {address}")]


def _lists(said: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in settings_of(said):
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


def _circles(fleet: Fleet, nodes: Sequence[Node], read: _Said, ask: Ask) -> list[Advice]:
    own = [node.jump.split(",")[0] for node in nodes if node.jump]
    first = [Hop.parse(one).host for one in dict.fromkeys([*read.jumps, *own])]
    config = ["-F", fleet.ssh_config] if fleet.ssh_config else []
    found: list[Advice] = []
    named: set[str] = set()
    for host in dict.fromkeys(
        host for host in first if host not in fleet.nodes or not fleet.nodes[host].jump
    ):
        way = [host]
        while len(way) < _MOST_HOPS:
            node = fleet.nodes.get(way[-1])
            words = destination(fleet, node) if node else [*config, "--", way[-1]]
            [said] = ask([["ssh", "-G", *words]])
            jump = next_hop(said)
            if not jump:
                break
            way.append(jump)
            if way[-1] in way[:-1]:
                circle = way[way.index(way[-1]) :]
                if not named & set(circle):
                    what = f"{way[-1]} would jump through itself: {' -> '.join(circle)}"
                    found.append(Advice(way[-1] if way[-1] in fleet.nodes else "", what, CIRCLE_HINT))
                named |= set(circle)
                break
    return found
