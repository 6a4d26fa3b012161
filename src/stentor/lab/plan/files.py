"""The texts of the files of a lab: the fleet, the client's configuration, each node's own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.lab.plan.nodes import UID, NodePlan

PROFILE = """\
# ~/.profile: read by login shells.
if [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then
    . "$HOME/.bashrc"
fi
if [ -d "$HOME/.local/bin" ]; then
    PATH="$HOME/.local/bin:$PATH"
fi
"""
BASHRC = """\
# ~/.bashrc: read by interactive shells, and by bash when sshd starts it.
case $- in
    *i*) ;;
    *) return ;;
esac
PS1='\\u@\\h:\\w\\$ '
"""
ZSHRC = """\
# ~/.zshrc: read by interactive shells.
PS1='%n@%m:%~%# '
"""
# What the HOME of a new account holds.
HOME_FILES = {".profile": PROFILE, ".bashrc": BASHRC, ".zshrc": ZSHRC}

# In a plain node sshd changes to the account's own HOME; this starts every session in the node's.
PLAIN_SESSION = """\
#!/bin/sh
cd "$HOME" || exit
if [ -n "$SSH_ORIGINAL_COMMAND" ]; then
    exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"
fi
exec "$SHELL" -l
"""

# ... and this is the node's `hostname`.
PLAIN_HOSTNAME = """\
#!/bin/sh
case ${{1:-}} in
    "" | -s | -f) echo {alias} ;;
    *) PATH=${{PATH#*:}} exec hostname "$@" ;;
esac
"""


def nodes_yaml(nodes: Sequence[NodePlan], groups: Mapping[str, str]) -> str:
    """The fleet file of a lab."""
    lines = [
        "# The practice fleet of `stentor lab up`. Every node is a real sshd on this machine.",
        "ssh: {config: ../ssh_config, local: false}  # a practice node may have the name of this machine",
        "nodes:",
    ]
    for node in nodes:
        fields = {
            "alias": node.alias if node.alias != node.name else None,
            "address": node.address,
            "port": node.port,
            "user": node.user,
            "role": node.role,
            "arch": node.arch,
            "phase": node.phase,
            "state": node.state if node.state != "up" else None,
        }
        given = ", ".join(f"{name}: {value}" for name, value in fields.items() if value is not None)
        lines.append(f"  {node.name}: {{{given}}}")
    if groups:
        lines.append("groups:")
        lines += [f"  {name}: {members}" for name, members in groups.items()]
    return "\n".join(lines) + "\n"


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
    # sshd(8): the default port is left out.
    return [host if node.port == 22 else f"[{host}]:{node.port}" for host in hosts]


class ServerOptions(NamedTuple):
    """How an sshd is set up."""

    directory: str  # where its configuration and keys are, as the node sees it
    authorized_keys: str  # as the node sees it
    sftp: str = "internal-sftp"  # the value of ``Subsystem sftp``
    max_sessions: int = 100  # sessions over one connection
    max_startups: int = 200  # logins at a time
    penalties: bool = False  # whether this sshd knows ``PerSourcePenalties`` (OpenSSH 9.8)
    environment: Mapping[str, str] = {}  # variables of every session
    force_command: str = ""  # run in place of what was asked for; empty for none
    pam: bool = False  # whether sshd runs as root and opens sessions by PAM


def sshd_config(address: str, port: int, options: ServerOptions) -> str:
    """The configuration of an sshd.

    StrictModes is off since a node's files belong to a user id which the node maps to another;
    UsePAM is off where sshd is not root's. The key exchange is a quick one: the default of
    OpenSSH 9 costs the client a tenth of a second of CPU at each login, and the connection never
    leaves this machine.
    """
    lines = [
        f"ListenAddress {address}",
        f"Port {port}",
        f'HostKey "{options.directory}/ssh_host_ed25519_key"',
        f"AuthorizedKeysFile {quote(options.authorized_keys)}",
        "KexAlgorithms curve25519-sha256",
        f"MaxSessions {options.max_sessions}",
        f"MaxStartups {options.max_startups}",
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
        # sshd reads the first SetEnv only, so all variables are on one line.
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
    terminal to that group, and exits when it may not.
    """
    return f"root:x:0:\n{node.user}:x:{UID}:\ntty:x:{UID}:\nnogroup:x:65534:\n"


def hosts(node: NodePlan) -> str:
    """The node's ``/etc/hosts``."""
    return f"127.0.0.1 localhost\n127.0.1.1 {node.name} {node.alias}\n::1 localhost\n"
