"""Full practice nodes, a program of its own, run as root with ``python -I -S``.

``full_node.py hub MARKER SPEC``: hold a network of its own with a bridge in it, joined to the machine by
one pair of interfaces, until killed.
``full_node.py node MARKER SPEC``: boot a node in it with systemd-nspawn, again and again when it reboots
itself, until it is switched off.
``full_node.py sweep CGROUP...``: remove the cgroups of nodes which have ended.

All that these make in the kernel (mounts, networks, interfaces, the bridge) belongs to namespaces of their
processes, and is gone when those are, however they end. Only the cgroups' folders stay.

Calls: unshare(2), mount(2), ip-link(8), systemd-nspawn(1), cgroups(7).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

NEWNS, NEWNET = 0x20000, 0x40000000
REC, PRIVATE = 16384, 1 << 18
CGROUPS = "/sys/fs/cgroup"
# With --keep-unit nspawn leaves it to its caller to boot a container again which asked for that.
REBOOT = 133

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = [word.encode() or None for word in (source, target, kind)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}")


def _run(*words: str) -> None:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")


def hub(spec: dict[str, Any]) -> int:
    """Hold the network: a bridge, and an interface of the machine's own which leads to it."""
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    _check(_libc.unshare(NEWNET), "unshare network")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", "nodes", "type", "bridge")
    _run("ip", "link", "set", "nodes", "up")
    here = str(os.getpid())
    there = ["nsenter", f"--net=/proc/{here}/fd/{outside}", "ip"]
    pair = ["type", "veth", "peer", "name", "machine", "netns", here]
    _run(*there, "link", "add", spec["interface"], *pair)
    _run("ip", "link", "set", "machine", "master", "nodes", "up")
    _run(*there, "address", "add", spec["address"], "dev", spec["interface"])
    _run(*there, "link", "set", spec["interface"], "up")
    os.close(outside)
    with open(spec["ready"] + ".new", "w") as file:
        file.write(here)
    os.rename(spec["ready"] + ".new", spec["ready"])
    while True:
        signal.pause()


def node(spec: dict[str, Any]) -> int:
    """Boot a node; returns when it is switched off."""
    # Whoever clears old trees away sees by this lock that one is in use.
    tree = os.open(spec["tree"], os.O_RDONLY)
    fcntl.flock(tree, fcntl.LOCK_SH)
    for top in _hierarchies():
        _make_cgroup(top, spec["cgroup"])
        with open(f"{top}/{spec['cgroup']}/cgroup.procs", "w") as file:
            file.write(str(os.getpid()))
    _check(_libc.unshare(NEWNS | NEWNET), "unshare")
    _mount("", "/", flags=REC | PRIVATE)
    _plug_in(spec)
    for path in (spec["upper"], spec["work"], spec["root"]):
        os.makedirs(path, exist_ok=True)
    layers = f"lowerdir={spec['tree']},upperdir={spec['upper']},workdir={spec['work']}"
    _mount("overlay", spec["root"], "overlay", data=layers)
    _furnish(spec)
    # What nspawn notes of its containers goes with this process too.
    os.makedirs("/run/systemd/nspawn", exist_ok=True)
    _mount("tmpfs", "/run/systemd/nspawn", "tmpfs")
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    network = f"--network-namespace-path=/proc/{os.getpid()}/ns/net"
    code = REBOOT
    while code == REBOOT:
        code = subprocess.run([*spec["command"], network], stdin=subprocess.DEVNULL, env=environ).returncode
    return code


def _plug_in(spec: dict[str, Any]) -> None:
    """Join the node's network to the hub's bridge, without a way to anywhere else."""
    within = ["nsenter", f"--net=/proc/{spec['hub']}/ns/net"]
    pair = ["ip", "link", "add", spec["port"], "master", "nodes", "type", "veth", "peer", "name", "eth0"]
    # Always the same hardware address: neighbours remember it for a while.
    _run(*within, *pair, "address", spec["hardware"], "netns", str(os.getpid()))
    _run(*within, "ip", "link", "set", spec["port"], "up")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", spec["address"], "dev", "eth0")
    _run("ip", "link", "set", "eth0", "up")


def _furnish(spec: dict[str, Any]) -> None:
    """Write what tells this node from the others, before it boots."""
    root = spec["root"]
    for path, line in spec["lines"]:
        with open(root + path, "a+") as file:
            file.seek(0)
            if line not in file.read().splitlines():
                file.write(line + "\n")
    for path, text, mode in spec["files"]:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w") as file:
            file.write(text)
        os.chmod(root + path, mode)
    for path, target in spec["links"]:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        if not os.path.islink(root + path):
            os.symlink(target, root + path)


def _hierarchies() -> list[str]:
    """Where cgroups are made: in one place, or with their first version in each of several."""
    if os.path.exists(f"{CGROUPS}/cgroup.procs"):
        return [CGROUPS]
    found = (f"{CGROUPS}/{entry}" for entry in sorted(os.listdir(CGROUPS)))
    return [top for top in found if os.path.exists(f"{top}/cgroup.procs") and not os.path.islink(top)]


def _make_cgroup(top: str, name: str) -> None:
    """Make a cgroup in a hierarchy; the first version's cpuset takes no process before it has processors.

    Nodes start side by side, so another may be making the lab's own at this moment.
    """
    above = top
    for part in name.split("/"):
        folder = f"{above}/{part}"
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if os.path.exists(f"{above}/{setting}"):
                with open(f"{above}/{setting}") as file:
                    given = file.read()
                with open(f"{folder}/{setting}", "w") as file:
                    file.write(given)
        above = folder


def _remove_cgroup(top: str) -> None:
    """Remove it with what its node made below, and the lab's above it when it was the last."""
    for _ in range(500):
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        if not os.path.exists(top):
            break
        time.sleep(0.01)  # the kernel lets go of the dead a moment after they are gone
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(top))


def main(words: list[str]) -> int:
    """Do what the first word says."""
    if words[0] == "sweep":
        for name in words[1:]:
            for top in _hierarchies():
                _remove_cgroup(f"{top}/{name}")
        return 0
    with open(words[2]) as file:
        spec = json.load(file)
    return hub(spec) if words[0] == "hub" else node(spec)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(str(error))
