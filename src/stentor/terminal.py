"""Programs on a terminal: ours, or a new one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from stentor.programs import not_started, shell_code, spawn
from stentor.typed import Any, NoReturn

_LOOK = 0.05  # seconds


def foreground(argv: Sequence[str], environ: Mapping[str, str], *, interrupts: bool = False) -> int:
    """Run a program on our terminal and wait for it.

    Ctrl-C is for the program alone; SIGTERM and SIGHUP are passed on to it. When it stops itself, as ssh does
    at ``~^Z``, we stop too, so that the shell which started us gets its terminal back, and continue with it.

    Args:
        argv: the program, searched in PATH, and its arguments.
        interrupts: our own signal handlers stay, so Ctrl-C reaches both. The program is to end then, and is
            told again until it does: ssh misses a signal between writing a prompt and waiting for the answer.

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
    told: list[int] = []
    if interrupts:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            handler = signal.getsignal(one)
            if callable(handler):
                ours[one] = partial(_noted, told, handler)
    else:
        ours |= dict.fromkeys((signal.SIGINT, signal.SIGQUIT), signal.SIG_IGN)
        ours |= dict.fromkeys((signal.SIGTERM, signal.SIGHUP), forward)
    before = {number: signal.signal(number, handler) for number, handler in ours.items()}
    try:
        try:
            pid = spawn(argv, environ)
        except OSError as error:
            raise not_started(argv[0], error) from None
        for number in early:
            os.kill(pid, number)
        return _wait_foreground(pid, told if interrupts else None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _noted(told: list[int], handler: Callable[[int, Any], Any], number: int, frame: object) -> None:
    told.append(number)
    handler(number, frame)


def _wait_foreground(pid: int, told: list[int] | None) -> int:
    """Wait for a program; where ``told`` is given, pass on what is in it until the program has ended."""
    try:
        while True:
            ended, status = os.waitpid(pid, os.WUNTRACED | (0 if told is None else os.WNOHANG))
            if not ended:
                time.sleep(_LOOK)
                if told:
                    time.sleep(_LOOK)  # Ctrl-C has reached it by the terminal, and it may just be ending
                    os.kill(pid, told[0])  # not waited for yet, so its number cannot be another's
            elif not os.WIFSTOPPED(status):
                return shell_code(os.waitstatus_to_exitcode(status))
            else:
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
