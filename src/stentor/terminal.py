"""Programs on a terminal: ours, or a new one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from stentor.programs import not_started, shell_code, spawn
from stentor.typed import Any, NoReturn


def foreground(argv: Sequence[str], environ: Mapping[str, str], *, interrupts: bool = False) -> int:
    """Run a program on our terminal and wait for it.

    Ctrl-C is for the program alone; SIGTERM and SIGHUP are passed on to it. When it stops itself, as ssh does
    at ``~^Z``, we stop too, so that the shell which started us gets its terminal back, and continue with it.

    Args:
        argv: the program, searched in PATH, and its arguments.
        environ: its environment.
        interrupts: our own signal handlers stay, so Ctrl-C reaches both.

    Returns:
        Its exit code; 128 and the signal's number if a signal ended it.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: it cannot be started.
    """
    pid = 0
    early: list[int] = []

    def forward(number: int, _frame: object) -> None:
        if pid:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, number)
        else:
            early.append(number)

    ours: dict[int, Any] = {}
    if not interrupts:
        ours |= dict.fromkeys((signal.SIGINT, signal.SIGQUIT), signal.SIG_IGN)
        ours |= dict.fromkeys((signal.SIGTERM, signal.SIGHUP), forward)
    before = {number: signal.signal(number, handler) for number, handler in ours.items()}
    try:
        pid = spawn(argv, environ)
        for number in early:
            os.kill(pid, number)
        return _wait_foreground(pid)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_foreground(pid: int) -> int:
    try:
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                return shell_code(os.waitstatus_to_exitcode(status))
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(pid, signal.SIGCONT)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def replace(argv: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Become another program; this process ends with it.

    Raises:
        ProgramMissing: it is not installed.
        StentorError: it cannot be started.
    """
    try:
        os.execvpe(argv[0], list(argv), dict(environ))
    except OSError as error:
        raise not_started(argv[0], error) from None


@contextmanager
def login_shell(shell: str, environ: Mapping[str, str], cwd: str) -> Iterator[int]:
    """Start a login shell on a new terminal, and kill it at the end.

    Args:
        shell: its path.
        environ: its environment.
        cwd: its working directory.

    Yields:
        The descriptor of the terminal, for reading and writing.
    """
    import pty

    pid, descriptor = pty.fork()
    if pid == 0:
        try:
            os.chdir(cwd)
            # A dash in front of its name makes it a login shell.
            os.execve(shell, [f"-{os.path.basename(shell)}"], dict(environ))
        finally:
            os._exit(127)
    try:
        yield descriptor
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(descriptor)
        os.waitpid(pid, 0)
