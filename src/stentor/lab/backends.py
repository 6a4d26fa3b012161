"""The ways to keep practice nodes apart: as command lines. Pure.

* ``bwrap``: bubblewrap, with or without root: own hostname, account, HOME, /tmp and processes.
* ``unshare``: the same by the kernel's own calls (``inside/namespaces.py``), without bubblewrap.
* ``plain``: just an sshd for each node. The account is the machine's, and the program ``hostname``
  alone says the node's name: ``hostname is simulated``.
* ``full``: a Debian 13 with systemd for each node, booted by systemd-nspawn; root only, never by itself.

The flags of bubblewrap are those of its manual, bwrap(1), 0.4 and later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stentor.lab import plan
from stentor.lab.places import NodePlaces
from stentor.lab.plan import UID, NodePlan

# Where an isolated node finds its own things.
NODE_RUN = "/run/lab"
NODE_SSH = "/etc/ssh"
EMPTIED = ("/tmp", "/var/tmp", "/run", "/mnt", "/root", "/home")  # noqa: S108 - made anew in every node


class Machine(NamedTuple):
    """What the machine offers to nodes.

    Attributes:
        sshd: absolute path of the server.
        python: absolute path of the interpreter.
        code: the directory of this package, for the programs in it.
        existing: those of the paths a node covers which exist here.
        penalties: whether sshd punishes repeated failures unless told not to (OpenSSH 9.8).
        tools: programs which nodes should have and would not find: name to absolute path.
        etc: links of which a node's ``/etc`` is made, beside what is its own: name to target.
    """

    sshd: str
    python: str
    code: str
    existing: frozenset[str]
    penalties: bool = False
    tools: Mapping[str, str] = {}
    etc: Mapping[str, str] = {}


COVERED = tuple(f"/etc/{name}" for name in ("passwd", "group", "hosts", "hostname", "ssh"))
# A node's /etc is a directory of its own, with links to here. A file that only lay over the machine's would
# be gone as soon as somebody replaces that one: adduser(8) does so with /etc/passwd.
NODE_ETC = "/run/machine-etc"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
LOCAL_BIN = "/usr/local/bin"
NODE_TOOLS = "/run/tools"
NODE_LOCAL_BIN = "/run/usr-local-bin"


def covered(places: NodePlaces, machine: Machine) -> dict[str, str]:
    """Path in the node to the file or directory which lies over it, read-only."""
    binds = {path: str(places.root) + path for path in COVERED if path in machine.existing}
    if BOOT_ID in machine.existing:
        binds[BOOT_ID] = str(places.etc / "boot_id")
    if machine.tools and LOCAL_BIN in machine.existing:
        binds[NODE_LOCAL_BIN] = LOCAL_BIN
        binds |= {f"{NODE_TOOLS}/{name}": path for name, path in machine.tools.items()}
        binds[LOCAL_BIN] = str(places.local_bin)
    return binds


def local_bin_links(present: Sequence[str], tools: Mapping[str, str]) -> dict[str, str]:
    """Links which make up a node's ``/usr/local/bin``: the machine's own programs, and the tools."""
    links = {name: f"{NODE_LOCAL_BIN}/{name}" for name in present}
    return links | {name: f"{NODE_TOOLS}/{name}" for name in tools}


def bwrap(node: NodePlan, places: NodePlaces, machine: Machine) -> list[str]:
    """The command line of a node under bubblewrap."""
    words = ["bwrap", "--unshare-user", "--unshare-uts", "--unshare-pid", "--unshare-ipc"]
    words += ["--uid", str(UID), "--gid", str(UID), "--hostname", node.alias]
    words += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for path in EMPTIED:
        if path in machine.existing:
            words += ["--tmpfs", path]
    if machine.etc:
        words += ["--ro-bind", "/etc", NODE_ETC, "--tmpfs", "/etc"]
        words += [
            word for name, target in machine.etc.items() for word in ("--symlink", target, f"/etc/{name}")
        ]
    words += ["--bind", str(places.home), f"/home/{node.user}", "--bind", str(places.run), NODE_RUN]
    for path, source in covered(places, machine).items():
        words += ["--ro-bind", source, path]
    words += ["--remount-ro", "/etc"] if machine.etc else []
    words += ["--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/"]
    # Nothing reads this variable: it is how the lab finds the node's processes again.
    words += ["--setenv", "STENTOR_LAB_NODE", places.marker]
    return [*words, "/bin/sh", f"{NODE_RUN}/init", "node", machine.sshd, f"{NODE_SSH}/sshd_config", NODE_RUN]


def unshare_spec(node: NodePlan, places: NodePlaces, machine: Machine, boot_id: str) -> dict[str, Any]:
    """What :mod:`stentor.lab.inside.namespaces` is told about a node."""
    binds = [(f"/home/{node.user}", str(places.home), True), (NODE_RUN, str(places.run), True)]
    binds += [(path, source, False) for path, source in covered(places, machine).items() if path != BOOT_ID]
    return {
        "hostname": node.alias,
        "uid": UID,
        "empty": [path for path in EMPTIED if path in machine.existing],
        "etc": dict(machine.etc),
        "machine_etc": NODE_ETC,
        "binds": binds,
        "boot_id": boot_id,
        "command": ["/bin/sh", f"{NODE_RUN}/init", "node", machine.sshd, f"{NODE_SSH}/sshd_config", NODE_RUN],
    }


def unshare(_node: NodePlan, places: NodePlaces, machine: Machine) -> list[str]:
    """The command line of a node by the kernel's own calls; ``node.json`` holds its spec."""
    return [*inside(machine, "namespaces"), "enter", places.marker, str(places.root / "node.json")]


def inside(machine: Machine, name: str) -> list[str]:
    """The command line of a program which stands alone in ``inside/``."""
    return [machine.python, "-I", "-S", f"{machine.code}/inside/{name}.py"]


def plain(_node: NodePlan, places: NodePlaces, machine: Machine) -> list[str]:
    """The command line of a node which is nothing but an sshd."""
    return [
        "/bin/sh",
        str(places.run / "init"),
        places.marker,
        machine.sshd,
        str(places.ssh / "sshd_config"),
        str(places.run),
    ]


def blackhole(node: NodePlan, places: NodePlaces, machine: Machine) -> list[str]:
    """The command line of what stands in for a node which does not answer."""
    return [*inside(machine, "blackhole"), places.marker, node.address, str(node.port)]


def plain_environment(node: NodePlan, places: NodePlaces, path: str) -> Mapping[str, str]:
    """What makes a session of a plain node look like the node's own."""
    return {
        "HOME": str(places.home),
        "PATH": path,
        "STENTOR_LAB_NODE": places.marker,
        "STENTOR_LAB_HOSTNAME": node.alias,
        "TMUX_TMPDIR": str(places.run),
    }


def full(_node: NodePlan, places: NodePlaces, machine: Machine) -> list[str]:
    """The command line of a node which is a booted Debian; ``node.json`` holds its spec."""
    return [*inside(machine, "full_node"), "node", places.marker, str(places.root / "node.json")]


def cgroup(places: NodePlaces) -> str:
    """The name of a full node's cgroup."""
    return f"stentor-lab-{_digest(str(places.root.parent.parent))[:12]}/{places.root.name}"


def port(node: NodePlan) -> str:
    """The name of the bridge's end of a full node's cable: interfaces have at most 15 letters."""
    return f"to-{node.address.rpartition('.')[2]}"


def full_spec(
    node: NodePlan, places: NodePlaces, tree: str, hub: int, tools: Mapping[str, str]
) -> dict[str, Any]:
    """What :mod:`stentor.lab.inside.full_node` is told about a node.

    Args:
        node: the node.
        places: its directory.
        tree: the directory of the shared Debian.
        hub: the process which holds the lab's network.
        tools: programs of this machine which run on any Linux: name to absolute path.
    """
    binds = [f"--bind={_colons(places.home)}:/home/{node.user}"]
    binds.append(f"--bind-ro={_colons(places.ssh)}:{NODE_SSH}")
    binds += [f"--bind-ro={_colons(path)}:{LOCAL_BIN}/{name}" for name, path in tools.items()]
    lines = [
        (f"/etc/{name}", line)
        for name, text in (("passwd", plan.passwd(node)), ("group", f"{node.user}:x:{UID}:"))
        for line in text.splitlines()
        if line.startswith(f"{node.user}:")
    ]
    root = str(places.root / "root")
    return {
        "tree": tree,
        "upper": str(places.upper),
        "work": str(places.work),
        "root": root,
        "cgroup": cgroup(places),
        "hub": hub,
        "port": port(node),
        "address": f"{node.address}/24",
        # 02 says that nobody has registered it.
        "hardware": ":".join(["02", "00", *(f"{int(number):02x}" for number in node.address.split("."))]),
        # An asterisk is no password, and unlike "!" it does not lock the account.
        "lines": [*lines, ("/etc/shadow", f"{node.user}:*:20000:0:99999:7:::")],
        "files": [
            ("/etc/hostname", f"{node.alias}\n", 0o644),
            ("/etc/hosts", plan.hosts(node), 0o644),
            ("/etc/machine-id", _digest(places.marker)[:32] + "\n", 0o444),
            ("/etc/sudoers.d/lab", f"{node.user} ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440),
        ],
        # They would look for updates, and there is no network to find them in.
        "links": [(f"/etc/systemd/system/{unit}", "/dev/null") for unit in MASKED],
        "command": [
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--machine={node.alias}"),
            *(f"--hostname={node.alias}", "--register=no", "--keep-unit", "--console=pipe"),
            *("--link-journal=no", "--kill-signal=SIGRTMIN+3", "--resolv-conf=off", "--timezone=off"),
            *binds,
        ],
    }


MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "console-getty.service")


def _colons(path: object) -> str:
    return str(path).replace("\\", "\\\\").replace(":", "\\:")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# In the order in which they are tried; those after them must be asked for.
TRIED = ("bwrap", "unshare", "plain")
COMMANDS = {"bwrap": bwrap, "unshare": unshare, "plain": plain, "full": full}
