"""What this machine offers to practice nodes: programs, paths, keys, addresses."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stentor import shells
from stentor.errors import StentorError
from stentor.lab.plan.sandbox import BOOT_ID, COVERED, EMPTIED, LOCAL_BIN, NODE_ETC, Machine
from stentor.lab.programs import program, run

# What people expect to find on a node, where the machine has it.
TOOLS = ("git", "tmux", "chezmoi", "rsync", *shells.WITH_INIT)


def inspect(environ: Mapping[str, str]) -> Machine:
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
        code=str(Path(__file__).parent / "inside"),
        existing=frozenset(path for path in paths if os.path.exists(path)),
        penalties=_sshd_version(sshd) >= (9, 8),
        tools=_hidden_tools(environ),
        etc=_etc_links("/etc"),
    )


def _hidden_tools(environ: Mapping[str, str]) -> dict[str, str]:
    """Tools in directories which are not in a node's PATH (``~/.local/bin``, ``~/go/bin``, …)."""
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
    # sshd has no option for it before 9.2; every version prints its name when it rejects an option.
    match = re.search(r"OpenSSH_(\d+)\.(\d+)", run([sshd, "-?"]).stderr)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def sftp_server() -> str:
    """The sftp server as a program, for sshds which must start it by a command."""
    for path in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/lib/ssh/sftp-server"):
        if os.path.exists(path):
            return path
    return "internal-sftp"


def make_separation_directory() -> None:
    """Make ``/run/sshd``, without which an sshd of root does not start."""
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)


def make_keys(paths: Sequence[Path], comment: str) -> None:
    """Make those ed25519 keys which do not exist yet, without a passphrase.

    Raises:
        StentorError: ssh-keygen failed.
    """
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"]
    missing = [path for path in paths if not path.exists()]
    with ThreadPoolExecutor(8) as pool:
        for path, ran in zip(missing, pool.map(lambda path: run([*words, str(path)]), missing), strict=True):
            if ran.code:
                raise StentorError(f"ssh-keygen failed: {ran.stderr.strip()}", where=str(path))


def public_key(path: Path) -> str:
    """The public half of a key, without its comment."""
    return " ".join(path.with_name(path.name + ".pub").read_text().split()[:2])


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
    """Free ports on 127.0.0.1, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def silent(address: str, port: int, timeout: float = 0.2) -> bool:
    """Whether connecting gets no answer at all."""
    try:
        with socket.create_connection((address, port), timeout=timeout):
            return False
    except TimeoutError:
        return True
    except OSError:
        return False


def greets(address: str, port: int) -> bool:
    """Whether an SSH server sends its banner."""
    try:
        with socket.create_connection((address, port), timeout=2.0) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
