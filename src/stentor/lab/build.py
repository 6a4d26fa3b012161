"""Writes the files of a lab: keys, configurations, HOMEs."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from stentor.lab import backends, plan
from stentor.lab import machine as machines
from stentor.lab.backends import Machine
from stentor.lab.places import Memory, NodePlaces, write
from stentor.lab.plan import NodePlan, ServerOptions

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
# In a plain node sshd changes to the account's own HOME; this puts every session where it belongs.
PLAIN_SESSION = """\
#!/bin/sh
cd "$HOME" || exit
if [ -n "$SSH_ORIGINAL_COMMAND" ]; then
    exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"
fi
exec "$SHELL" -l
"""

# ... and this answers for the node when a command asks for its name.
PLAIN_HOSTNAME = """\
#!/bin/sh
case ${{1:-}} in
    "" | -s | -f) echo {alias} ;;
    *) PATH=${{PATH#*:}} exec hostname "$@" ;;
esac
"""


def skeleton(home: Path, public_key: str, shell: str) -> None:
    """Fill an empty HOME as an account has it which somebody uses, with the lab's key let in."""
    for name, text in ((".profile", PROFILE), (".bashrc", BASHRC), (".zshrc", ZSHRC)):
        (home / name).write_text(text)
    (home / ".ssh").mkdir(mode=0o700)
    write(home / ".ssh" / "authorized_keys", public_key + " stentor-lab\n", 0o600)
    if os.path.basename(shell) == "fish":
        # Without it the first interactive fish reads all manual pages of the machine, for many seconds.
        (home / ".local/share/fish/generated_completions").mkdir(parents=True)


def write_lab(directory: Path, memory: Memory, machine: Machine, environ: Mapping[str, str]) -> None:
    """Write everything a lab needs before its nodes can start; what is there already stays."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = {node.alias: NodePlaces(directory / "nodes" / node.alias) for node in memory.nodes}
    for place in places.values():
        for path in (place.home, place.ssh, place.run):
            path.mkdir(mode=0o755, parents=True, exist_ok=True)
    client = directory / "client_key"
    host_keys = {alias: place.ssh / "ssh_host_ed25519_key" for alias, place in places.items()}
    machines.make_keys([client, *host_keys.values()], "stentor-lab")
    client_public = machines.public_key(client)
    for node in memory.nodes:
        write_node(node, places[node.alias], memory, machine, environ)
        if not any(places[node.alias].home.iterdir()):
            skeleton(places[node.alias].home, client_public, node.shell)
    keys = {alias: machines.public_key(path) for alias, path in host_keys.items()}
    write(directory / "known_hosts", plan.known_hosts(memory.nodes, keys))
    write(directory / "ssh_config", plan.ssh_config(memory.nodes, str(directory)))
    fleet = directory / "ssot" / "nodes.yaml"
    if not fleet.exists():
        fleet.parent.mkdir(exist_ok=True)
        write(fleet, plan.nodes_yaml(memory.nodes, plan.groups_for(memory.numbered)))


def write_node(
    node: NodePlan,
    places: NodePlaces,
    memory: Memory,
    machine: Machine,
    environ: Mapping[str, str],
    extra: Mapping[str, str] | None = None,
) -> None:
    """Write a node's ``/etc``, its first process and its sshd's configuration.

    Args:
        node: the node.
        places: its directory.
        memory: the lab's.
        machine: what there is.
        environ: for PATH, in a plain node.
        extra: variables put into every session (a fault's).
    """
    init = places.run / "init"
    shutil.copyfile(Path(machine.code, "inside", "node_init.sh"), init)
    if not (places.run / "control").exists():
        os.mkfifo(places.run / "control", 0o600)
    write(places.etc / "passwd", plan.passwd(node))
    write(places.etc / "group", plan.group(node))
    write(places.etc / "hosts", plan.hosts(node))
    write(places.etc / "hostname", node.alias + "\n")
    if not (places.etc / "boot_id").exists():
        new_boot_id(places)
    if memory.backend != "full":
        write_spec(node, places, machine)
        write_local_bin(places, machine)
    options = _server_options(node, places, memory, machine, environ, extra or {})
    write(places.ssh / "sshd_config", plan.sshd_config(node, options))


def new_boot_id(places: NodePlaces) -> None:
    """Let the node look as if it had been started anew."""
    write(places.etc / "boot_id", f"{uuid.uuid4()}\n")


def write_spec(node: NodePlan, places: NodePlaces, machine: Machine) -> None:
    """Write what the ``unshare`` backend reads."""
    spec = backends.unshare_spec(node, places, machine, (places.etc / "boot_id").read_text())
    write(places.root / "node.json", json.dumps(spec, indent=1) + "\n")


def write_local_bin(places: NodePlaces, machine: Machine) -> None:
    """Link what a node shall find besides its own programs; at each start, since PATH may have changed."""
    if not machine.tools:
        return
    places.local_bin.mkdir(exist_ok=True)
    present = os.listdir(backends.LOCAL_BIN)
    for name, target in backends.local_bin_links(present, machine.tools).items():
        link = places.local_bin / name
        if not link.is_symlink():
            link.symlink_to(target)


def _server_options(
    node: NodePlan,
    places: NodePlaces,
    memory: Memory,
    machine: Machine,
    environ: Mapping[str, str],
    extra: Mapping[str, str],
) -> ServerOptions:
    if memory.backend != "plain":
        return ServerOptions(
            directory=backends.NODE_SSH,
            authorized_keys=f"/home/{node.user}/.ssh/authorized_keys",
            max_sessions=memory.max_sessions,
            # A full node's OpenSSH is Debian 13's, which knows the word.
            penalties=machine.penalties or memory.backend == "full",
            environment=extra,
            pam=memory.backend == "full",
        )
    write(places.run / "session", PLAIN_SESSION, 0o755)
    own_bin = places.run / "bin"
    own_bin.mkdir(exist_ok=True)
    write(own_bin / "hostname", PLAIN_HOSTNAME.format(alias=node.alias), 0o755)
    path = ":".join(
        dict.fromkeys(
            (str(own_bin), "/usr/local/bin", "/usr/bin", "/bin", *environ.get("PATH", "").split(":"))
        )
    )
    return ServerOptions(
        directory=str(places.ssh),
        authorized_keys=str(places.home / ".ssh" / "authorized_keys"),
        sftp=machines.sftp_server(),
        max_sessions=memory.max_sessions,
        penalties=machine.penalties,
        environment={**backends.plain_environment(node, places, path), "SHELL": node.shell, **extra},
        force_command=shlex.quote(str(places.run / "session")),
    )
