"""A thousand hosts which are one sshd: it answers every address of 127.0.0.0/8."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from typing import Self

PORT = 2244
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", os.defpath)) or "sshd"

# The same for every tool. curve25519: in OpenSSH 9.2 the default key exchange costs the client 110 ms of CPU
# a login, which would hide what is compared here.
SSH_CONFIG = """\
Host *
  Port {port}
  User {user}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  HostKeyAlias bench
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  KexAlgorithms curve25519-sha256
"""

# An empty HOME, or the start files of whoever runs this would be timed at each command.
SSHD_CONFIG = """\
Port {port}
ListenAddress 0.0.0.0
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
UseDNS no
PidFile none
PrintMotd no
PrintLastLog no
MaxStartups 4000
MaxSessions 1000
LogLevel ERROR
SetEnv HOME={folder}/home
Subsystem sftp internal-sftp
"""


def addresses(count: int) -> list[str]:
    """The first so many of 127.44.0.1 to 127.44.3.250."""
    return [f"127.44.{number // 250}.{number % 250 + 1}" for number in range(count)]


def unreachable(number: int) -> str:
    """An address of those for benchmarks (RFC 2544), where nobody answers."""
    return f"198.18.{number // 256}.{number % 256}"


def folded(count: int) -> str:
    """The same addresses as clush and pdsh write them."""
    blocks = [f"127.44.{block}.[1-{min(250, count - 250 * block)}]" for block in range((count + 249) // 250)]
    return ",".join(blocks)


class Hosts:
    """The sshd, its keys, and a fleet for each size. A context manager."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.ssh_config = f"{folder}/ssh_config"
        self.user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    def __enter__(self) -> Self:
        for name in ("key", "host_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", f"{self.folder}/{name}"],
                check=True,
            )
        with open(f"{self.folder}/host_key.pub") as file:
            kind, key, _ = file.read().split()
        values = {"port": PORT, "user": self.user, "folder": self.folder}
        self._write("known_hosts", f"bench {kind} {key}\n")
        self._write("ssh_config", SSH_CONFIG.format(**values))
        self._write("sshd_config", SSHD_CONFIG.format(**values))
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self._sshd = subprocess.Popen(
            [SSHD, "-D", "-f", f"{self.folder}/sshd_config", "-E", f"{self.folder}/sshd.log"],
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._sshd.send_signal(signal.SIGTERM)
        self._sshd.wait()

    def _write(self, name: str, text: str) -> None:
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def _wait(self) -> None:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.44.0.1", PORT)) == 0:
                    return
            time.sleep(0.02)
        with open(f"{self.folder}/sshd.log") as file:
            raise RuntimeError(f"sshd does not answer: {file.read()}")

    def fleet(self, count: int) -> str:
        """Write a fleet directory of so many hosts and return it."""
        directory = f"{self.folder}/fleet-{count}"
        os.makedirs(directory, exist_ok=True)
        nodes = "".join(f"  h{i + 1:04}: {{address: {a}}}\n" for i, a in enumerate(addresses(count)))
        with open(f"{directory}/nodes.yaml", "w") as file:
            file.write(f"nodes:\n{nodes}ssh:\n  config: {self.ssh_config}\n")
        return directory
