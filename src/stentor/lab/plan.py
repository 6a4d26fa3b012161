"""What a practice fleet shall be: names, addresses and the text of every file. Pure.

Nothing here touches the disk or starts anything; :mod:`stentor.lab.build` writes these
texts and :mod:`stentor.lab.lab` runs the nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.errors import UsageError

# The account on every node has this number; outside of the node it is the user who runs the lab.
UID = 1000
MOST_NODES = 1000


class NodePlan(NamedTuple):
    """One practice node.

    Attributes:
        alias: its short name, and in isolated backends its hostname and account too.
        name: its full name, the key in ``nodes.yaml``.
        address: the loopback address its sshd listens on.
        port: the TCP port its sshd listens on.
        user: the account to log in to.
        role: the role in ``nodes.yaml``.
        arch: the architecture in ``nodes.yaml``.
        phase: the migration phase in ``nodes.yaml``.
        state: the expected state in ``nodes.yaml``.
        shell: absolute path of the login shell.
    """

    alias: str
    name: str
    address: str
    port: int
    user: str
    role: str
    arch: str | None
    phase: int | None
    state: str
    shell: str


class _Seed(NamedTuple):
    alias: str
    name: str
    last_octet: int
    role: str
    arch: str | None
    phase: int
    state: str


# The cluster which stentor was first written for, with the last octets of its real addresses.
SEED = (
    _Seed("crtr", "cooperator", 10, "gateway", "arm64", 1, "migrating"),
    _Seed("prtr", "projector", 20, "gpu", None, 3, "down"),
    _Seed("drtr", "director", 30, "gpu", None, 2, "up"),
    _Seed("trtr", "terminator", 40, "pseudo", None, 2, "up"),
    _Seed("zrtr", "zerouter", 11, "pseudo", None, 3, "down"),
)
SEED_GROUPS = {"core": "crtr,prtr,drtr", "gpu": "prtr,drtr", "pseudo": "trtr,zrtr"}


def aliases(count: int | None) -> list[str]:
    """The aliases of a lab of ``count`` nodes; None is the five named ones."""
    if count is None:
        return [seed.alias for seed in SEED]
    if not 1 <= count <= MOST_NODES:
        raise UsageError(f"a lab has 1 to {MOST_NODES} nodes, not {count}")
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
    block: int = 127,
) -> list[NodePlan]:
    """Lay out the nodes of a lab.

    Args:
        count: how many; None for the five named ones.
        network: the second and third number of their addresses, ``127.A.B.*``.
        block: the first number.
        ports: the port of each node.
        user: one account for all, or None for an account named like the node.
        shells: alias to the absolute path of its login shell.
        all_up: expect every node to be up, also those which the seed has down.
        one_address: everything on 127.0.0.1 (macOS has no other loopback address).
    """
    first, second = network
    seeds = SEED if count is None else tuple(_numbered(alias) for alias in aliases(count))
    nodes = []
    for index, (seed, port) in enumerate(zip(seeds, ports, strict=True)):
        octet = seed.last_octet if count is None else index % 250 + 1
        address = f"{block}.{first}.{second + (0 if count is None else index // 250)}.{octet}"
        nodes.append(
            NodePlan(
                alias=seed.alias,
                name=seed.name,
                address="127.0.0.1" if one_address else address,
                port=port,
                user=user or seed.alias,
                role=seed.role,
                arch=seed.arch,
                phase=seed.phase or None,
                state="up" if all_up else seed.state,
                shell=shells[seed.alias],
            )
        )
    return nodes


def _numbered(alias: str) -> _Seed:
    return _Seed(alias, alias, 0, "worker", None, 0, "up")


def parse_shells(words: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Read ``--shell zsh`` and ``--shell drtr=fish`` into alias to shell; later words win."""
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


def nodes_yaml(nodes: Sequence[NodePlan], groups: Mapping[str, str]) -> str:
    """The fleet file of a lab."""
    lines = [
        "# The practice fleet of `stentor lab up`. Every node is a real sshd on this machine.",
        "ssh: {config: ../ssh_config, local: false}  # a practice node may have the name of this machine",
        "nodes:",
    ]
    for node in nodes:
        fields = [
            f"address: {node.address}",
            f"port: {node.port}",
            f"user: {node.user}",
            f"role: {node.role}",
        ]
        if node.alias != node.name:
            fields.insert(0, f"alias: {node.alias}")
        if node.arch:
            fields.append(f"arch: {node.arch}")
        if node.phase:
            fields.append(f"phase: {node.phase}")
        if node.state != "up":
            fields.append(f"state: {node.state}")
        lines.append(f"  {node.name}: {{{', '.join(fields)}}}")
    if groups:
        lines.append("groups:")
        lines += [f"  {name}: {members}" for name, members in groups.items()]
    return "\n".join(lines) + "\n"


def groups_for(count: int | None) -> dict[str, str]:
    """The groups of a lab: the seed's, or the two halves of a numbered one."""
    if count is None:
        return dict(SEED_GROUPS)
    if count < 2:
        return {}
    half = count // 2
    return {"left": f"node[001-{half:03d}]", "right": f"node[{half + 1:03d}-{count:03d}]"}


def ssh_config(nodes: Sequence[NodePlan], directory: str) -> str:
    """The client's configuration for a lab: its own key and pinned host keys, nothing of the user's."""
    blocks = ["# For ssh -F: the practice fleet, with a key and known hosts of its own."]
    for node in nodes:
        names = dict.fromkeys((node.alias, node.name, node.address))
        if node.address == "127.0.0.1":
            del names[node.address]
        blocks.append(
            f"Host {' '.join(names)}\n"
            f"    HostName {node.address}\n"
            f"    Port {node.port}\n"
            f"    User {node.user}\n"
        )
    blocks.append(
        "Host *\n"
        f"    IdentityFile {quote(directory + '/client_key')}\n"
        "    IdentitiesOnly yes\n"
        "    IdentityAgent none\n"
        "    PreferredAuthentications publickey\n"
        f"    UserKnownHostsFile {quote(directory + '/known_hosts')}\n"
        "    GlobalKnownHostsFile none\n"
        "    StrictHostKeyChecking yes\n"
        "    UpdateHostKeys no\n"
    )
    return "\n".join(blocks)


def quote(path: str) -> str:
    """A path as ssh_config takes it: percent signs doubled, in quotes."""
    return '"' + path.replace("%", "%%") + '"'


def known_hosts(nodes: Sequence[NodePlan], keys: Mapping[str, str]) -> str:
    """The pinned host keys: alias to public key, under every name by which ssh may look it up."""
    return "".join(f"{','.join(_host_names(node))} {keys[node.alias]}\n" for node in nodes)


def _host_names(node: NodePlan) -> list[str]:
    hosts = dict.fromkeys((node.address, node.alias, node.name))
    # sshd(8): the usual port is not said.
    return [host if node.port == 22 else f"[{host}]:{node.port}" for host in hosts]


class ServerOptions(NamedTuple):
    """How a node's sshd is set up.

    Attributes:
        directory: where its configuration and keys lie, as the node sees it.
        authorized_keys: as the node sees it.
        sftp: sshd's word for the sftp subsystem.
        max_sessions: sessions over one connection.
        penalties: whether this sshd knows ``PerSourcePenalties`` (OpenSSH 9.8).
        environment: what every session finds in its environment.
        force_command: run in place of what was asked for; empty for nothing.
        pam: whether sshd is root's, and opens sessions by way of PAM.
    """

    directory: str
    authorized_keys: str
    sftp: str = "internal-sftp"
    max_sessions: int = 100
    penalties: bool = False
    environment: Mapping[str, str] = {}
    force_command: str = ""
    pam: bool = False


def sshd_config(node: NodePlan, options: ServerOptions) -> str:
    """The configuration of a node's sshd.

    StrictModes is off since the node's files belong to a number which the node maps
    to another; UsePAM is off since an sshd which is not root cannot use it. Of the ways to
    exchange keys there is the quick one: what OpenSSH 9 prefers costs the client a tenth of
    a second of CPU at each login, and nobody listens on this machine's own wires.
    """
    lines = [
        f"ListenAddress {node.address}",
        f"Port {node.port}",
        f'HostKey "{options.directory}/ssh_host_ed25519_key"',
        f"AuthorizedKeysFile {quote(options.authorized_keys)}",
        "KexAlgorithms curve25519-sha256",
        f"MaxSessions {options.max_sessions}",
        "MaxStartups 200",
        "PidFile none",
        f"UsePAM {'yes' if options.pam else 'no'}",
        "StrictModes no",
        "UseDNS no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        f"Subsystem sftp {options.sftp}",
    ]
    if options.penalties:
        lines.append("PerSourcePenalties no")
    if options.environment:
        # sshd heeds the first SetEnv only, so all are on one line.
        pairs = " ".join(f'"{name}={value}"' for name, value in options.environment.items())
        lines.append(f"SetEnv {pairs}")
    if options.force_command:
        lines.append(f"ForceCommand {options.force_command}")
    return "\n".join(lines) + "\n"


def passwd(node: NodePlan) -> str:
    """The node's ``/etc/passwd``: root, sshd's own account and the node's."""
    return (
        "root:x:0:0:root:/root:/bin/sh\n"
        f"{node.user}:x:{UID}:{UID}:{node.name}:/home/{node.user}:{node.shell}\n"
        "sshd:x:110:65534::/run/sshd:/usr/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )


def group(node: NodePlan) -> str:
    """The node's ``/etc/group``.

    The group ``tty`` has the account's own number: an sshd which is not root gives a
    terminal to that group, and dies when it may not.
    """
    return f"root:x:0:\n{node.user}:x:{UID}:\ntty:x:{UID}:\nnogroup:x:65534:\n"


def hosts(node: NodePlan) -> str:
    """The node's ``/etc/hosts``."""
    return f"127.0.0.1 localhost\n127.0.1.1 {node.name} {node.alias}\n::1 localhost\n"
