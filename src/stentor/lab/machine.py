"""What this machine offers to practice nodes: programs, paths, free addresses."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stentor.errors import ProgramMissing, StentorError
from stentor.lab.backends import BOOT_ID, COVERED, EMPTIED, LOCAL_BIN, NODE_ETC, Machine

# What people expect to find on a node, where the machine has it.
TOOLS = ("git", "tmux", "chezmoi", "rsync", "zsh", "fish")
SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
INSTALL = "Debian: sudo apt-get install -y openssh-server bubblewrap tmux git"


def look(environ: Mapping[str, str]) -> Machine:
    """Find out what there is.

    Raises:
        ProgramMissing: no sshd, ssh or ssh-keygen.
    """
    paths = (*EMPTIED, *COVERED, BOOT_ID, LOCAL_BIN)
    sshd = program("sshd", environ)
    for name in ("ssh", "ssh-keygen"):
        program(name, environ)
    return Machine(
        sshd=sshd,
        python=sys.executable,
        code=str(Path(__file__).parent),
        existing=frozenset(path for path in paths if os.path.exists(path)),
        penalties=_sshd_version(sshd) >= (9, 8),
        tools=_hidden_tools(environ),
        etc=_etc_links("/etc"),
    )


def program(name: str, environ: Mapping[str, str]) -> str:
    """The absolute path of a program, also of those which only root has in PATH."""
    path = find(name, environ)
    if path is None:
        raise ProgramMissing(f"{name} is not installed; practice nodes are made of it", hint=INSTALL)
    return path


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """Like :func:`program`, but None when it is missing."""
    return shutil.which(name, path=":".join((environ.get("PATH", ""), *SYSTEM)))


def _hidden_tools(environ: Mapping[str, str]) -> dict[str, str]:
    """Tools which sit where a node's PATH does not look (``~/.local/bin``, ``~/go/bin``, …)."""
    hidden = {}
    for name in TOOLS:
        path = shutil.which(name, path=environ.get("PATH", ""))
        if path and not shutil.which(name, path="/usr/local/bin:/usr/bin:/bin"):
            hidden[name] = os.path.realpath(path)
    return hidden


def _etc_links(directory: str) -> dict[str, str]:
    """Links which make up a node's ``/etc``: to the machine's own, and a copy of each link in it."""
    links = {}
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if f"/etc/{entry.name}" not in COVERED:
                links[entry.name] = (
                    os.readlink(entry.path) if entry.is_symlink() else f"{NODE_ETC}/{entry.name}"
                )
    return links


def _sshd_version(sshd: str) -> tuple[int, int]:
    """The version of the server, ``(9, 2)``; ``(0, 0)`` when it does not say."""
    # sshd has no option for it before 9.2; every version names itself when it complains of an unknown one.
    said = subprocess.run([sshd, "-?"], capture_output=True, text=True, errors="replace").stderr
    match = re.search(r"OpenSSH_(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def sftp_server() -> str:
    """The sftp server as a program, for sshds which must start it by a command."""
    for path in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/lib/ssh/sftp-server"):
        if os.path.exists(path):
            return path
    return "internal-sftp"


def free(addresses: Iterable[tuple[str, int]]) -> bool:
    """Whether each address and port can be listened on now."""
    for address, port in addresses:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 which nobody listens on; all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def pick_network(chance: random.Random) -> tuple[int, int]:
    """The second and third number of a lab's addresses; far from 127.0, where others live."""
    return chance.randrange(16, 240), chance.randrange(0, 240)


def make_keys(paths: Sequence[Path], comment: str) -> None:
    """Make ed25519 keys without a passphrase, side by side."""
    waiting = [path for path in paths if not path.exists()]
    while waiting:
        batch, waiting = waiting[:8], waiting[8:]
        started = [
            subprocess.Popen(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for path in batch
        ]
        for path, process in zip(batch, started, strict=True):
            _, said = process.communicate()
            if process.returncode:
                raise StentorError(f"ssh-keygen failed: {said.strip()}", where=str(path))


def public_key(path: Path) -> str:
    """The public half of a key, without its comment."""
    return " ".join(path.with_name(path.name + ".pub").read_text().split()[:2])
