"""The command lines of nodes which share this machine's system, and what such a node sees of it.

The flags of bubblewrap are those of bwrap(1), 0.4 and later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stentor.lab.plan.nodes import UID, NodePaths, NodePlan

# Where an isolated node finds its own files.
NODE_RUN = "/run/lab"
NODE_SSH = "/etc/ssh"
EMPTIED = ("/tmp", "/var/tmp", "/run", "/mnt", "/root", "/home")  # noqa: S108 - made anew in every node
COVERED = tuple(f"/etc/{name}" for name in ("passwd", "group", "hosts", "hostname", "ssh"))
# A node's /etc is a directory of its own, with links to here. A file that was only mounted over the machine's
# would be gone as soon as a program replaces that one: adduser(8) does so with /etc/passwd.
NODE_ETC = "/run/machine-etc"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
LOCAL_BIN = "/usr/local/bin"
NODE_TOOLS = "/run/tools"
NODE_LOCAL_BIN = "/run/usr-local-bin"


class Machine(NamedTuple):
    """What this machine offers to nodes."""

    sshd: str  # absolute path of the server
    python: str  # absolute path of the interpreter
    code: str  # the directory of the programs in ``inside/``
    existing: frozenset[str]  # those of the paths a node covers which exist here
    penalties: bool = False  # whether sshd punishes repeated failures by default (OpenSSH 9.8)
    # Programs which nodes should have and would not find: name to absolute path.
    tools: Mapping[str, str] = {}
    # Links of which a node's ``/etc`` is made, beside its own files: name to target.
    etc: Mapping[str, str] = {}


def inside(machine: Machine, name: str, *words: str) -> list[str]:
    """The command line of a program in ``inside/``, which imports nothing of stentor."""
    return [machine.python, "-I", "-S", f"{machine.code}/{name}.py", *words]


def blackhole(node: NodePlan, paths: NodePaths, machine: Machine) -> list[str]:
    """The command line of what lets connections to a node time out."""
    return inside(machine, "blackhole", paths.marker, node.address, str(node.port))


def covered(paths: NodePaths, machine: Machine) -> dict[str, str]:
    """Path in the node to the file or directory mounted over it, read-only."""
    binds = {path: str(paths.root) + path for path in COVERED if path in machine.existing}
    if BOOT_ID in machine.existing:
        binds[BOOT_ID] = str(paths.etc / "boot_id")
    if machine.tools and LOCAL_BIN in machine.existing:
        binds[NODE_LOCAL_BIN] = LOCAL_BIN
        binds |= {f"{NODE_TOOLS}/{name}": path for name, path in machine.tools.items()}
        binds[LOCAL_BIN] = str(paths.local_bin)
    return binds


def local_bin_links(present: Sequence[str], tools: Mapping[str, str]) -> dict[str, str]:
    """Links which make up a node's ``/usr/local/bin``: the machine's own programs, and the tools."""
    links = {name: f"{NODE_LOCAL_BIN}/{name}" for name in present}
    return links | {name: f"{NODE_TOOLS}/{name}" for name in tools}


def first_process(machine: Machine, run: str, ssh: str, marker: str = "node") -> list[str]:
    """The command line of a node's first process, ``inside/node_init.sh``, with the paths which it sees."""
    return ["/bin/sh", f"{run}/init", marker, machine.sshd, f"{ssh}/sshd_config", run]


def bwrap(node: NodePlan, paths: NodePaths, machine: Machine) -> list[str]:
    """The command line of a node under bubblewrap."""
    words = ["bwrap", "--unshare-user", "--unshare-uts", "--unshare-pid", "--unshare-ipc"]
    words += ["--uid", str(UID), "--gid", str(UID), "--hostname", node.alias]
    words += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for path in EMPTIED:
        if path in machine.existing:
            words += ["--tmpfs", path]
    if machine.etc:
        words += ["--ro-bind", "/etc", NODE_ETC, "--tmpfs", "/etc"]
        for name, target in machine.etc.items():
            words += ["--symlink", target, f"/etc/{name}"]
    words += ["--bind", str(paths.home), f"/home/{node.user}", "--bind", str(paths.run), NODE_RUN]
    for path, source in covered(paths, machine).items():
        words += ["--ro-bind", source, path]
    words += ["--remount-ro", "/etc"] if machine.etc else []
    words += ["--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/"]
    # Nothing reads this variable: the marker in the command line is how the lab finds the node's processes.
    words += ["--setenv", "STENTOR_LAB_NODE", paths.marker]
    return words + first_process(machine, NODE_RUN, NODE_SSH)


def unshare(paths: NodePaths, machine: Machine) -> list[str]:
    """The command line of a node by the kernel's own calls; it reads :func:`unshare_spec` from a file."""
    return inside(machine, "namespaces", "enter", paths.marker, str(paths.spec))


def unshare_spec(node: NodePlan, paths: NodePaths, machine: Machine, boot_id: str) -> dict[str, Any]:
    """What ``inside/namespaces.py`` reads about a node."""
    binds = [(f"/home/{node.user}", str(paths.home), True), (NODE_RUN, str(paths.run), True)]
    binds += [(path, source, False) for path, source in covered(paths, machine).items() if path != BOOT_ID]
    return {
        "hostname": node.alias,
        "uid": UID,
        "empty": [path for path in EMPTIED if path in machine.existing],
        "etc": dict(machine.etc),
        "machine_etc": NODE_ETC,
        "binds": binds,
        "boot_id": boot_id,
        "command": first_process(machine, NODE_RUN, NODE_SSH),
    }


def plain(paths: NodePaths, machine: Machine) -> list[str]:
    """The command line of a node which is only an sshd."""
    return first_process(machine, str(paths.run), str(paths.ssh), paths.marker)


def plain_environment(node: NodePlan, paths: NodePaths, path: str) -> dict[str, str]:
    """The variables which make a session of a plain node look like the node's own."""
    return {
        "HOME": str(paths.home),
        "PATH": path,
        "STENTOR_LAB_NODE": paths.marker,
        "STENTOR_LAB_HOSTNAME": node.alias,
        "TMUX_TMPDIR": str(paths.run),
        "SHELL": node.shell,
    }
