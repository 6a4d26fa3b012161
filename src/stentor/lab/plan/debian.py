"""Full nodes: the Debian 13 which they share, and what tells one from the other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from stentor.lab.plan import files
from stentor.lab.plan.nodes import UID, NodePaths, NodePlan
from stentor.lab.plan.sandbox import LOCAL_BIN, NODE_SSH

SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
# A usual Debian server, and what dotfiles and tests need on a node.
PACKAGES = (
    "systemd", "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session", "openssh-server", "sudo",
    "git", "tmux", "zsh", "rsync", "cron", "procps", "iproute2", "less", "hostname", "libfaketime", "python3",
    "python3-apt",  # Ansible's module apt needs it
)  # fmt: skip
# Units which would look for updates, and there is no network.
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "console-getty.service")


def tree_name(packages: Iterable[str] = PACKAGES, suite: str = SUITE, mirror: str = MIRROR) -> str:
    """The name of a tree, after what it is made of: a changed list of packages makes another tree."""
    made_of = "\n".join([suite, mirror, *sorted(packages)])
    return f"{suite}-{_digest(made_of)[:12]}"


def mirror_of(sources: Iterable[str]) -> str:
    """The Debian mirror which apt is configured to use.

    Args:
        sources: the texts of sources.list and of its folder, in either of apt's two forms.
    """
    for text in sources:
        for line in text.splitlines():
            match = re.match(r"\s*(?:deb\s+(?:\[[^]]*\]\s+)?|URIs:\s*)(https?://\S+)", line)
            # The archive of releases, not that of security updates or a third party's.
            if match and match[1].rstrip("/").endswith("/debian"):
                return match[1].rstrip("/")
    return MIRROR


def mmdebstrap(directory: str, mirror: str) -> list[str]:
    """The command line which makes the tree.

    In a mount namespace of its own: of one that is killed no mount is left, with which the tree could not be
    removed.
    """
    words = ["unshare", "--mount", "--propagation", "private", "mmdebstrap", "--quiet", "--variant=minbase"]
    words += [f"--include={','.join(PACKAGES)}"]
    # A practice node needs no manuals; without them it is made faster.
    words += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc", "locale", "info")]
    words += ["--dpkgopt=force-unsafe-io", "--components=main", "--format=directory"]
    return [*words, SUITE, directory, mirror]


def cgroup(paths: NodePaths) -> str:
    """The name of a full node's cgroup."""
    return f"stentor-lab-{_digest(str(paths.root.parent.parent))[:12]}/{paths.root.name}"


def port(node: NodePlan) -> str:
    """The name of the bridge's end of a node's cable: interface names have at most 15 characters."""
    return f"to-{node.address.rpartition('.')[2]}"


def spec(node: NodePlan, paths: NodePaths, tree: str, hub: int, tools: Mapping[str, str]) -> dict[str, Any]:
    """What ``inside/full_node.py`` reads about a node.

    Args:
        tree: the directory of the shared Debian.
        hub: the process which holds the lab's network.
        tools: programs of this machine which run on any Linux: name to absolute path.
    """
    binds = [f"--bind={_colons(paths.home)}:/home/{node.user}"]
    binds.append(f"--bind-ro={_colons(paths.ssh)}:{NODE_SSH}")
    binds += [f"--bind-ro={_colons(path)}:{LOCAL_BIN}/{name}" for name, path in tools.items()]
    account = next(line for line in files.passwd(node).splitlines() if line.startswith(f"{node.user}:"))
    root = str(paths.root / "root")
    return {
        "tree": tree,
        "upper": str(paths.upper),
        "work": str(paths.work),
        "root": root,
        "cgroup": cgroup(paths),
        "hub": hub,
        "port": port(node),
        "address": f"{node.address}/24",
        # 02: locally administered.
        "hardware": ":".join(["02", "00", *(f"{int(number):02x}" for number in node.address.split("."))]),
        "lines": [
            ("/etc/passwd", account),
            ("/etc/group", f"{node.user}:x:{UID}:"),
            # An asterisk is no password, and unlike "!" it does not lock the account.
            ("/etc/shadow", f"{node.user}:*:20000:0:99999:7:::"),
        ],
        "files": [
            ("/etc/hostname", f"{node.alias}\n", 0o644),
            ("/etc/hosts", files.hosts(node), 0o644),
            ("/etc/machine-id", _digest(paths.marker)[:32] + "\n", 0o444),
            ("/etc/sudoers.d/lab", f"{node.user} ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440),
        ],
        "links": [(f"/etc/systemd/system/{unit}", "/dev/null") for unit in MASKED],
        "command": [
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--machine={node.alias}"),
            *(f"--hostname={node.alias}", "--register=no", "--keep-unit", "--console=pipe"),
            *("--link-journal=no", "--kill-signal=SIGRTMIN+3", "--resolv-conf=off", "--timezone=off"),
            *binds,
        ],
    }


def _colons(path: object) -> str:
    return str(path).replace("\\", "\\\\").replace(":", "\\:")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
