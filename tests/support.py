"""What tests of every kind share."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import socket

import pytest

from stentor.render import json_schema

ROOM = 3 << 30  # bytes: more than a run of everything leaves lying about at any time
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def need(*programs: str) -> None:
    """Skip the test where a program is not installed; in CI, where everything must be, fail it.

    Args:
        programs: names looked for in PATH and in the system's directories (sshd, nft, ip).
    """
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [program for program in programs if shutil.which(program, path=path) is None]
    if missing:
        lacking(f"not installed: {', '.join(missing)}")


def need_root() -> None:
    """Skip the test for an ordinary user: network namespaces, overlay mounts and the like."""
    if os.geteuid() != 0:
        pytest.skip("needs root")


def lacking(what: str) -> None:
    """Say that this machine cannot run the test: a skip at home, a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} (in CI nothing is skipped; see .ci/run)")
    pytest.skip(what)


def free_port() -> int:
    """A TCP port on which nothing listens, and which the system gives to nobody who asks for any."""
    first = 32768
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first = int(file.read().split()[0])
    while True:
        port = random.randrange(10000, first if first > 11000 else 65536)
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("", port))
            return port


def light_folder() -> str:
    """Where the least time goes into files: in memory, if that has room and lets programs run; else /tmp.

    Dotfiles and the journal ask the disk to have written all, at every step. Nothing here needs to outlive
    the machine's power, and on a disk this waiting is a good part of a test.
    """
    folder = "/dev/shm"
    if os.path.isdir(folder) and os.access(folder, os.W_OK):
        system = os.statvfs(folder)
        if system.f_bavail * system.f_frsize > ROOM and not system.f_flag & os.ST_NOEXEC:
            return folder
    return "/tmp"


def check_records(output: bytes) -> None:
    """Read every line by docs/json.schema.json where a command wrote JSON Lines, whatever its options."""
    if re.match(rb'{"type":"\w+","stentor":1', output):
        for line in output.splitlines():
            json_schema.decode(line)
