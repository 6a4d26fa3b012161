"""Who records something: which person from where, which process, and whether that still runs.

A process id alone is reused; with the moment of its start (``/proc/PID/stat``, field 22; see
proc(5)) and the boot it belongs to, it is not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from stentor import programs


def identity() -> str:
    """This process, as ``PID START BOOT``; the last two are ``-`` where there is no /proc."""
    return f"{os.getpid()} {_start(os.getpid())} {_boot()}"


def lives(process: str) -> bool:
    """Return whether the process of this identity still runs on this machine."""
    try:
        word, start, boot = process.split()
        pid = int(word)
    except ValueError:
        return False
    if boot != _boot():
        return False
    if start != "-":
        return start == _start(pid)
    return programs.is_there(pid)


def gone(process: str) -> bool:
    """Whether the process of this identity ran on this machine since its boot, and has ended."""
    words = process.split()
    return len(words) == 3 and words[2] != "-" and words[2] == _boot() and not lives(process)


def _start(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name in parentheses may hold anything, so count from its end.
            fields = file.read().rpartition(b")")[2].split()
        return "gone" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except (OSError, IndexError):
        return "-" if not os.path.isdir("/proc/self") else "gone"


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return file.read(8)
    except OSError:
        return "-"


def origin(environ: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Return the user, this host, the address from which they logged in, and the directory.

    Where a server acts for somebody it says who that is, and from where: ``STENTOR_ACTOR`` and
    ``STENTOR_ACTOR_FROM``.
    """
    names = ("STENTOR_ACTOR", "SUDO_USER", "USER", "LOGNAME")
    user = next((environ[name] for name in names if environ.get(name)), "") or account(str(os.geteuid()))
    address = environ.get("STENTOR_ACTOR_FROM") or environ.get("SSH_CONNECTION", "").partition(" ")[0]
    try:
        directory = os.getcwd()
    except OSError:
        directory = ""
    return user, os.uname().nodename, address, directory


def account(otherwise: str = "") -> str:
    """Return the name of the account we are here; ``otherwise`` for one that the system does not know."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return otherwise
