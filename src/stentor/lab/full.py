"""Full practice nodes: each a Debian 13 of its own with systemd, in a network of the lab's own.

What the other backends do by a pipe to the node's first process, systemd does here.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stentor.errors import Refused, StentorError
from stentor.lab import backends
from stentor.lab import machine as machines
from stentor.lab import processes as system
from stentor.lab.places import NodePlaces, remove_tree, write
from stentor.lab.plan import UID
from stentor.lab.spawn import spawn

if TYPE_CHECKING:
    from stentor.lab.lab import Lab

PROGRAMS = ("mmdebstrap", "systemd-nspawn", "ip", "nsenter")
INSTALL = "Debian: sudo apt-get install -y mmdebstrap systemd-container iproute2"
# The kernel gives out 128 inotify instances to one user; a booted Debian takes about five of them.
MOST = 20
SERVICE = {
    "start": ("start", "ssh"),
    "stop": ("stop", "ssh"),
    "restart": ("restart", "ssh"),
    "hang": ("kill", "--kill-whom=main", "--signal=STOP", "ssh"),
    "resume": ("kill", "--kill-whom=main", "--signal=CONT", "ssh"),
}


def impossible(environ: Mapping[str, str]) -> str:
    """Why there can be no full nodes here, or an empty text."""
    if os.geteuid() != 0:
        return "only root can boot full nodes"
    missing = [name for name in PROGRAMS if machines.find(name, environ) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def free_network(chance: random.Random) -> int:
    """The third number of a network 198.18.*.0/24 (for tests: RFC 2544) to which nothing leads here."""
    for _ in range(50):
        number = chance.randrange(256)
        words = ["ip", "-4", "route", "show", "root", f"198.18.{number}.0/24"]
        if not subprocess.run(words, capture_output=True, text=True).stdout.strip():
            return number
    raise StentorError("every network of 198.18.0.0/16 is in use on this machine")


def hub(lab: Lab) -> int:
    """The process which holds the lab's network; started where it does not run."""
    places = _hub_places(lab)
    for pid, process in system.table().items():
        if places.marker in process.words and process.state != "Z":
            return pid
    places.root.mkdir(exist_ok=True)
    ready = places.root / "ready"
    ready.unlink(missing_ok=True)
    third = _third(lab)
    spec = {
        "ready": str(ready),
        "address": f"198.18.{third}.1/24",
        "interface": interface(lab),
    }
    write(places.root / "node.json", json.dumps(spec, indent=1) + "\n")
    words = [*backends.inside(lab.machine, "full_node"), "hub", places.marker, str(places.root / "node.json")]
    pid = spawn(words, places.root / "node.log")
    for _ in system.ticks(10):
        if ready.exists():
            return pid
        if not system.alive(pid):
            break
    said = (places.root / "node.log").read_text(errors="replace").strip()
    system.kill([pid])
    raise StentorError(f"the lab's network cannot be made: {said.replace('File exists', 'in use')}")


def _third(lab: Lab) -> str:
    return next(iter(lab.nodes.values())).address.split(".")[2]


def interface(lab: Lab) -> str:
    """The name of this machine's interface to the lab's network."""
    return f"stentor-lab{_third(lab)}"


def _hub_places(lab: Lab) -> NodePlaces:
    return NodePlaces(lab.directory / "hub")


def write_specs(lab: Lab, aliases: Iterable[str]) -> None:
    """Write what the nodes' first programs read, the network being there."""
    holder = hub(lab)
    chezmoi = machines.find("chezmoi", lab.environ)
    for alias in aliases:
        node, places = lab.node(alias), lab.places(alias)
        give(places.home)
        tools = {"chezmoi": os.path.realpath(chezmoi)} if chezmoi else {}
        spec = backends.full_spec(node, places, lab.memory.tree, holder, tools)
        write(places.root / "node.json", json.dumps(spec, indent=1) + "\n")


def give(home: Path) -> None:
    """Let what root wrote into a HOME belong to the node's account."""
    for folder, names, files in os.walk(home):
        for path in (folder, *(os.path.join(folder, name) for name in (*names, *files))):
            if os.lstat(path).st_uid == 0:
                os.lchown(path, UID, UID)


def first_process(lab: Lab, alias: str) -> int:
    """The node's systemd, by the number which it has outside."""
    table = system.table()
    found = lab.processes(alias) & table.keys()
    nspawn = {pid for pid in found if os.path.basename(next(iter(table[pid].words), "")) == "systemd-nspawn"}
    for pid in found:
        if table[pid].parent in nspawn and pid not in nspawn:
            return pid
    raise Refused("the node is off", where=alias, hint=f"stentor lab heal {alias}")


def inside(lab: Lab, alias: str, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command as root in a node, by no way of its network, as a service of its systemd."""
    # Entering a node's namespaces alone would leave the command in a cgroup which logind does not know.
    run = ("systemd-run", "--quiet", "--pipe", "--wait", "--collect")
    done = _enter(lab, alias, *run, *words, timeout=timeout)
    for _ in system.ticks(10, pause=0.2):
        # In the middle of its boot systemd breaks connections off; the command was not begun then.
        if not (done.returncode and "signal match: Connection reset" in done.stderr):
            break
        done = _enter(lab, alias, *run, *words, timeout=timeout)
    return done


def _enter(lab: Lab, alias: str, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    # The variables of whoever runs the lab are none of the node's.
    clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
    return subprocess.run(
        ["nsenter", f"--target={first_process(lab, alias)}", "--all", *clean, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        cwd="/",
    )


def service(lab: Lab, alias: str, verb: str) -> None:
    """Do to the node's sshd what ``verb`` says; systemd does it."""
    done = _enter(lab, alias, "systemctl", *SERVICE[verb])
    if done.returncode:
        raise StentorError(f"its systemd does not '{verb}' sshd: {done.stderr.strip()}", where=alias)


def link(lab: Lab, alias: str, state: str) -> None:
    """Pull the node's network cable (``down``), or put it in again (``up``)."""
    port = backends.port(lab.node(alias))
    words = ["nsenter", f"--net=/proc/{hub(lab)}/ns/net", "ip", "link", "set", port, state]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise StentorError(f"its link cannot be set {state}: {done.stderr.strip()}", where=alias)


def sweep(lab: Lab, aliases: Iterable[str]) -> None:
    """Remove the cgroups of nodes which were ended."""
    names = [backends.cgroup(lab.places(alias)) for alias in aliases]
    words = [*backends.inside(lab.machine, "full_node"), "sweep", *names]
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)


def fresh(lab: Lab, aliases: Iterable[str]) -> None:
    """Take away everything that nodes, which are off, have written."""
    for alias in aliases:
        places = lab.places(alias)
        for path in (places.upper, places.work):
            if path.exists():
                shutil.rmtree(path)


def end(lab: Lab) -> None:
    """End the lab's network; nodes were ended before."""
    places = _hub_places(lab)
    pids = {pid for pid, process in system.table().items() if places.marker in process.words}
    if pids:
        # It would go with the network it leads to, but only some time after this command is over.
        words = ["ip", "link", "delete", interface(lab)]
        subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)
    system.kill(pids)
    system.wait_gone(pids)
    if places.root.exists():
        remove_tree(places.root)
