"""A crowd: as many hosts as wanted, all of which are one sshd in a network of its own.

In a network namespace whose only interface is loopback, an sshd which listens on every address answers
all of 127.0.0.0/8, and nobody outside can reach it. For tests of scale, where a thousand sandboxes
would cost more than what is tested.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from stentor.errors import StentorError
from stentor.lab import machine as machines
from stentor.lab import plan
from stentor.lab import processes as system
from stentor.lab.places import write

PORT = 2244
# MaxStartups is far above sshd's own 10: a crowd of a thousand is let in through one door. Why the way to
# exchange keys is named: plan.sshd_config.
CROWD_SSHD = """\
Port {port}
ListenAddress 0.0.0.0
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
KexAlgorithms curve25519-sha256
MaxStartups 4000
MaxSessions 1000
PidFile none
StrictModes no
UsePAM no
UseDNS no
PrintMotd no
SetEnv HOME={folder}/home
{penalties}"""
CROWD_SSH = """\
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
    """A fleet of ``count`` hosts. Made by :func:`gather`."""

    def __init__(self, directory: Path, pid: int, count: int) -> None:
        self.directory = directory
        self.pid = pid
        self.count = count

    @property
    def fleet_dir(self) -> Path:
        """What ``STENTOR_FLEET`` is to be, for commands run by :meth:`inside`."""
        return self.directory / "ssot"

    def inside(self, words: Sequence[str]) -> list[str]:
        """The command line which runs ``words`` where the crowd can be reached."""
        enter = ["nsenter", f"--net=/proc/{self.pid}/ns/net"]
        if os.geteuid() != 0:
            enter += [f"--user=/proc/{self.pid}/ns/user", "--preserve-credentials"]
        return [*enter, "--", *words]

    def disperse(self) -> None:
        """End every process of the crowd; its directory stays."""
        for _ in range(20):
            pids = system.tree(system.table(), [self.pid])
            if not pids:
                return
            system.kill(pids)
            system.wait_gone(pids)


def addresses(count: int) -> list[str]:
    """The first so many addresses of 127.44.0.1, 127.44.0.2 and so on."""
    return [f"127.44.{number // 250}.{number % 250 + 1}" for number in range(count)]


def gather(directory: Path | str, count: int, environ: Mapping[str, str] | None = None) -> Crowd:
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
    machine = machines.look(environ)
    (place / "home").mkdir(parents=True, exist_ok=True)
    (place / "ssot").mkdir(exist_ok=True)
    machines.make_keys([place / "client_key", place / "host_key"], "stentor-crowd")
    write(place / "known_hosts", f"crowd {machines.public_key(place / 'host_key')}\n")
    write(place / "ssh_config", CROWD_SSH.format(port=PORT, folder=place))
    penalties = "PerSourcePenalties no\n" if machine.penalties else ""
    write(place / "sshd_config", CROWD_SSHD.format(port=PORT, folder=place, penalties=penalties))
    nodes = zip(plan.aliases(count), addresses(count), strict=True)
    lines = [f"  {alias}: {{address: {address}}}" for alias, address in nodes]
    write(place / "ssot" / "nodes.yaml", "ssh: {config: ../ssh_config}\nnodes:\n" + "\n".join(lines) + "\n")
    return Crowd(place, _start(place, machine.sshd, environ), count)


def _start(place: Path, sshd: str, environ: Mapping[str, str]) -> int:
    if os.geteuid() == 0:
        # sshd as root wants this for its privilege separation.
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    serve = ["exec", sshd, "-D", "-f", str(place / "sshd_config"), "-E", str(place / "sshd.log")]
    script = f"{machines.program('ip', environ)} link set lo up && echo up && {shlex.join(serve)}"
    words = [
        "unshare",
        "--net",
        *([] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]),
    ]
    process = subprocess.Popen(
        [*words, "sh", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with process.stdout or open(os.devnull, "rb") as said:
        up = said.readline() == b"up\n"
    log = place / "sshd.log"
    for _ in system.ticks(10):
        if up and log.exists() and "Server listening" in log.read_text(errors="replace"):
            # Nobody waits for it by this object: it is ended by disperse().
            process.returncode = 0
            return process.pid
        if process.poll() is not None:
            break
    process.kill()
    process.wait()
    said_last = (
        log.read_text(errors="replace").strip() if log.exists() else "no network namespace can be made"
    )
    raise StentorError(f"the crowd cannot be started: {said_last}", where=str(place))
