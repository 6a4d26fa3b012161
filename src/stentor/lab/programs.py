"""Programs which the lab runs on this machine: found, run to their end, or started and left running."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stentor import programs
from stentor.errors import ProgramMissing, StentorError

SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
INSTALL = (
    f"Debian: {programs.as_root('apt-get install -y openssh-server bubblewrap tmux git')}"
    " (it starts an sshd of this machine's own; to end that:"
    f" {programs.as_root('systemctl disable --now ssh')})"
)


class Ran(NamedTuple):
    """The result of a program: exit code, stdout, stderr."""

    code: int
    stdout: str
    stderr: str


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """The absolute path of a program, also of those which only root has in PATH; None when it is missing."""
    return shutil.which(name, path=":".join((environ.get("PATH", ""), *SYSTEM)))


def program(name: str, environ: Mapping[str, str]) -> str:
    """Like :func:`find`.

    Raises:
        ProgramMissing: it is not installed.
    """
    path = find(name, environ)
    if path is None:
        raise ProgramMissing(f"{name} is not installed; the lab needs it", hint=INSTALL)
    return path


def run(
    words: Sequence[str], *, environ: Mapping[str, str] | None = None, timeout: float | None = None
) -> Ran:
    """Run a program to its end, without input.

    Raises:
        TimeoutError: it took longer than ``timeout`` seconds, and was killed.
    """
    done = programs.run(words, os.environ if environ is None else environ, timeout=timeout, cwd="/")
    if done.timed_out:
        raise TimeoutError(f"{words[0]} took longer than {timeout:g} s")
    return Ran(done.code, done.text, done.error_text)


def spawn(words: Sequence[str], log: Path) -> int:
    """Start a process which outlives this one, in a session of its own; return its number.

    Args:
        log: the file which gets its stdout and stderr.
    """
    program = find(words[0], os.environ)
    if program is None:
        raise StentorError(f"{words[0]} is no longer installed")
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    return programs.detach([program, *words[1:]], environ, log=str(log))
