"""Run a program in the foreground as if we had become it, and be there when it has ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence


def foreground(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program on our own terminal and wait for it; Ctrl-C and Ctrl-Z are its own affair.

    ssh stops only itself when a person types ``~^Z``; we stop with it, so that the shell which
    started us gets its terminal back, and go on with it.

    Args:
        argv: the program, searched in PATH, and its words.
        environ: its environment.

    Returns:
        Its exit code; 128 and the signal's number if a signal ended it.

    Raises:
        FileNotFoundError: there is no such program.
    """
    ours = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        pid = os.posix_spawnp(argv[0], list(argv), dict(environ), setsigdef=[*ours, signal.SIGPIPE])
        for number in (signal.SIGTERM, signal.SIGHUP):
            ours[number] = signal.signal(number, lambda received, _frame: os.kill(pid, received))
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                return _code(status)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(pid, signal.SIGCONT)
    finally:
        for number, before in ours.items():
            signal.signal(number, before)


def _code(status: int) -> int:
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
