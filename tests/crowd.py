"""A crowd: as many hosts as wanted, all of which are one sshd in a network of its own.

In a network namespace whose only interface is loopback, an sshd which listens on every address answers
all of 127.0.0.0/8, and nobody outside can reach it. For tests of scale, where a thousand sandboxes
would cost more than what is tested.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from stentor.errors import StentorError
from stentor.lab import processes, programs
from stentor.lab.directory import write
from stentor.lab.machine import inspect, make_keys, make_separation_directory, public_key
from stentor.lab.plan import files
from stentor.lab.plan.nodes import aliases
from stentor.lab.plan.process_tree import tree

PORT = 2244
SSH_CONFIG = """\
Host *
    Port {port}
    IdentityFile {folder}/client_key
    IdentitiesOnly yes
    IdentityAgent none
    HostKeyAlias crowd
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
"""


class Crowd:
    """A fleet of ``count`` hosts. Made by :func:`start_crowd`."""

    def __init__(self, directory: Path, pid: int, count: int) -> None:
        self.directory = directory
        self.pid = pid
        self.count = count

    @property
    def fleet_dir(self) -> Path:
        """The value for ``STENTOR_FLEET``, for commands run by :meth:`inside`."""
        return self.directory / "ssot"

    def inside(self, words: Sequence[str]) -> list[str]:
        """The command line which runs ``words`` where the crowd can be reached."""
        enter = ["nsenter", f"--net=/proc/{self.pid}/ns/net"]
        if os.geteuid() != 0:
            enter += [f"--user=/proc/{self.pid}/ns/user", "--preserve-credentials"]
        return [*enter, "--", *words]

    def stop(self) -> None:
        """End every process of the crowd; its directory stays."""
        processes.end(lambda table: tree(table, [self.pid]))


def addresses(count: int) -> list[str]:
    """The first so many addresses of 127.44.0.1, 127.44.0.2 and so on."""
    return [f"127.44.{number // 250}.{number % 250 + 1}" for number in range(count)]


def start_crowd(directory: Path | str, count: int, environ: Mapping[str, str] | None = None) -> Crowd:
    """Start a crowd in an empty directory, whose path needs no quoting.

    Args:
        directory: where its keys and its fleet are written.
        count: how many hosts; they are ``node001`` and so on.
        environ: for PATH; the process's own by default.

    Raises:
        StentorError: no network namespace can be made here.
    """
    environ = os.environ if environ is None else environ
    place = Path(directory).absolute()
    machine = inspect(environ)
    for folder in ("home", "ssot"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    key = place / "ssh_host_ed25519_key"
    make_keys([place / "client_key", key], "stentor-crowd")
    write(place / "known_hosts", f"crowd {public_key(key)}\n")
    write(place / "ssh_config", SSH_CONFIG.format(port=PORT, folder=place))
    options = files.ServerOptions(
        directory=str(place),
        authorized_keys=f"{place}/client_key.pub",
        max_sessions=1000,
        max_startups=4000,  # all hosts may be logged in to at once
        penalties=machine.penalties,
        environment={"HOME": f"{place}/home"},
    )
    write(place / "sshd_config", files.sshd_config("0.0.0.0", PORT, options))
    nodes = zip(aliases(count), addresses(count), strict=True)
    lines = "".join(f"  {alias}: {{address: {address}}}\n" for alias, address in nodes)
    write(place / "ssot" / "nodes.yaml", f"ssh: {{config: ../ssh_config}}\nnodes:\n{lines}")
    make_separation_directory()
    log = place / "sshd.log"
    serve = shlex.join(["exec", machine.sshd, "-D", "-f", str(place / "sshd_config"), "-E", str(log)])
    script = f"{programs.program('ip', environ)} link set lo up && {serve}"
    return Crowd(place, _start(place, ["sh", "-c", script], [log], 10), count)


# serve NAME: its sshd in a network of its own, once all are there; born PID: until a process has one.
HEAD = """\
set -e
ip link set lo up
born() { until [ "$(readlink /proc/$1/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done; }
serve() {
    unshare --net sh -c "ip link set lo up; until [ -e FOLDER/ready ]; do sleep 0.05; done
        exec SSHD -D -f FOLDER/$1.conf -E FOLDER/$1.log" &
    echo $! >FOLDER/$1.pid
    born $!
}
"""


def start_networks(place: Path, script: str, sshd: str, names: Sequence[str]) -> int:
    """Run a script after ``HEAD`` in a network of its own, until every sshd that it serves listens.

    Args:
        place: a folder, ``FOLDER`` in the script; its path needs no quoting.
        script: lines of sh, which make the links between networks.
        sshd: the program.
        names: what is served.

    Returns:
        The process that has the network.

    Raises:
        StentorError: no network namespaces can be made here.
    """
    text = (HEAD + script + "touch FOLDER/ready\nwait\n").replace("FOLDER", str(place))
    words = ["sh", "-c", text.replace("SSHD", shlex.quote(sshd))]
    return _start(place, words, [place / f"{name}.log" for name in names], 30)


def _start(place: Path, words: Sequence[str], logs: Sequence[Path], seconds: float) -> int:
    users = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    own = place / "networks.log"
    pid = programs.spawn(["unshare", "--net", *users, *words], own)
    for _ in processes.ticks(seconds):
        if all(log.exists() and "Server listening" in log.read_text(errors="replace") for log in logs):
            return pid
        if not processes.alive(pid):
            break
    processes.end(lambda table: tree(table, [pid]))
    said = [path.read_text(errors="replace").strip() for path in (own, *logs) if path.exists()]
    raise StentorError(f"the networks cannot be started: {'; '.join(filter(None, said))}", where=str(place))
