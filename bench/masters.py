"""OpenSSH masters: start them for a peer, find stentor's, end all of them."""

from __future__ import annotations

import glob
import os
import socket
import stat
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from stentor.lab import processes
from stentor.ssh import mux


def start(ssh_config: str, names: Sequence[str], control: str) -> None:
    """Start the masters which a peer is to use, eight logins at once."""
    os.makedirs(control, mode=0o700, exist_ok=True)
    options = ["-F", ssh_config, "-M", "-S", f"{control}/%C", "-o", "ControlPersist=1200", "-fN"]

    def one(name: str) -> None:
        argv = ["ssh", *options, name]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, names))


def sockets(folder: str) -> list[str]:
    """Every control socket under a folder."""
    found = glob.glob(f"{folder}/**/*", recursive=True)
    return sorted(path for path in found if stat.S_ISSOCK(os.stat(path).st_mode))


def end(folder: str) -> None:
    """End the masters which listen under a folder, and wait until their sockets are gone."""
    for path in sockets(folder):
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(5)
            connection.connect(path)
            connection.sendall(mux.HELLO + mux.TERMINATE)
            while connection.recv(4096):
                pass
        with suppress(FileNotFoundError):
            os.unlink(path)


def end_all(folder: str) -> None:
    """End what still runs and was started for a folder: a master that was too busy to answer, say."""
    found = [
        pid
        for pid, process in processes.table().items()
        if pid != os.getpid() and any(f"{folder}/" in word for word in process.words)
    ]
    processes.kill(found)
