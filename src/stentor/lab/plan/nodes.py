"""The nodes of a practice fleet: names, addresses, groups, login shells and directories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stentor.errors import UsageError

# The account on every node has this number; outside of the node it is the user who runs the lab.
UID = 1000
MAX_NODES = 1000


class NodePlan(NamedTuple):
    """One practice node."""

    alias: str  # its short name, and in isolated backends its hostname and account too
    name: str  # its full name, the key in ``nodes.yaml``
    address: str  # the address its sshd listens on
    port: int  # the TCP port its sshd listens on
    user: str  # the account to log in to
    role: str  # the role in ``nodes.yaml``
    arch: str | None  # the architecture in ``nodes.yaml``
    phase: int | None  # the migration phase in ``nodes.yaml``
    state: str  # the expected state in ``nodes.yaml``
    shell: str  # absolute path of the login shell


# The cluster which stentor was first written for; of their addresses only the last octets are the real ones.
SEED = (
    NodePlan("crtr", "cooperator", "10", 0, "crtr", "gateway", "arm64", 1, "migrating", ""),
    NodePlan("prtr", "projector", "20", 0, "prtr", "gpu", None, 3, "down", ""),
    NodePlan("drtr", "director", "30", 0, "drtr", "gpu", None, 2, "up", ""),
    NodePlan("trtr", "terminator", "40", 0, "trtr", "pseudo", None, 2, "up", ""),
    NodePlan("zrtr", "zerouter", "11", 0, "zrtr", "pseudo", None, 3, "down", ""),
)
SEED_GROUPS = {"core": "crtr,prtr,drtr", "gpu": "prtr,drtr", "pseudo": "trtr,zrtr"}


def aliases(count: int | None) -> list[str]:
    """The aliases of a lab of ``count`` nodes; None is the five named ones.

    Raises:
        UsageError: a lab cannot have so many.
    """
    if count is None:
        return [seed.alias for seed in SEED]
    if not 1 <= count <= MAX_NODES:
        raise UsageError(f"a lab has 1 to {MAX_NODES} nodes, not {count}")
    return [f"node{number:03d}" for number in range(1, count + 1)]


def plan_nodes(
    count: int | None,
    *,
    network: tuple[int, int],
    ports: Sequence[int],
    user: str | None,
    shells: Mapping[str, str],
    all_up: bool = False,
    one_address: bool = False,
) -> list[NodePlan]:
    """Give each node of a lab its name, address and port.

    Args:
        count: how many; None for the five named ones.
        network: the second and third number of their addresses, ``127.A.B.*``.
        ports: the port of each node.
        user: one account for all, or None for an account named like the node.
        shells: alias to the absolute path of its login shell.
        all_up: expect every node to be up, also those which the seed has down.
        one_address: all nodes on 127.0.0.1 (macOS has no other loopback address).
    """
    first, second = network
    nodes = []
    for index, (node, port) in enumerate(zip(_without_places(count), ports, strict=True)):
        address = f"127.{first}.{second + index // 250}.{node.address or index % 250 + 1}"
        nodes.append(
            node._replace(
                address="127.0.0.1" if one_address else address,
                port=port,
                user=user or node.user,
                state="up" if all_up else node.state,
                shell=shells[node.alias],
            )
        )
    return nodes


def _without_places(count: int | None) -> Sequence[NodePlan]:
    if count is None:
        return SEED
    names = aliases(count)
    return [NodePlan(alias, alias, "", 0, alias, "worker", None, None, "up", "") for alias in names]


def groups_for(count: int | None) -> dict[str, str]:
    """The groups of a lab: the seed's, or the two halves of a numbered one."""
    if count is None:
        return dict(SEED_GROUPS)
    if count < 2:
        return {}
    half = count // 2
    return {"left": f"node[001-{half:03d}]", "right": f"node[{half + 1:03d}-{count:03d}]"}


def parse_shells(words: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Read ``--shell zsh`` and ``--shell drtr=fish`` into alias to shell; later words win.

    Raises:
        UsageError: a word names a node which the lab does not have.
    """
    shells = dict.fromkeys(names, "bash")
    for word in words:
        alias, equals, shell = word.rpartition("=")
        if not equals:
            shells = dict.fromkeys(names, shell)
        elif alias not in shells:
            raise UsageError(
                f"--shell {word}: the lab has no node '{alias}'", hint=f"it has {', '.join(names)}"
            )
        else:
            shells[alias] = shell
    return shells


class NodePaths(NamedTuple):
    """The directory of one node, as this machine sees it."""

    root: Path  # the directory
    home: Path  # the node's HOME
    etc: Path  # what is mounted over the machine's ``/etc`` in the node
    ssh: Path  # the node's ``/etc/ssh``
    run: Path  # the node's ``/run/lab``: the request pipe of its first process, and the logs
    log: Path  # the log of the node's sshd
    spec: Path  # what the program that starts the node reads, where it is one of ``inside/``
    local_bin: Path  # what is mounted over ``/usr/local/bin`` in the node, where that is needed
    upper: Path  # what a full node has written over the shared Debian
    work: Path  # the overlay's working directory
    faults: Path  # the names of the faults in force, one a line
    saved: Path  # files which a fault moved away, until it is healed
    marker: str  # the word which the command line of each of the node's first processes contains


def node_paths(root: Path) -> NodePaths:
    """The paths of the node whose directory this is."""
    etc, run = root / "etc", root / "run"
    return NodePaths(
        root=root,
        home=root / "home",
        etc=etc,
        ssh=etc / "ssh",
        run=run,
        log=run / "sshd.log",
        spec=root / "node.json",
        local_bin=root / "local-bin",
        upper=root / "upper",
        work=root / "work",
        faults=root / "faults",
        saved=root / "saved",
        marker=f"stentor-lab={root}",
    )
