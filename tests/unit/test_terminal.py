"""Programs on a terminal: what they return, and which of us gets a signal."""

from __future__ import annotations

import signal
import subprocess
import sys

from stentor import terminal
from tests.unit.test_programs import ENVIRON, sh


def test_foreground_returns_the_code_and_restores_signal_handlers() -> None:
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)]
    assert terminal.foreground(sh("exit 7"), ENVIRON) == 7
    assert [
        signal.getsignal(n) for n in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)
    ] == before


def test_foreground_program_gets_ctrl_c_alone() -> None:
    # As a terminal does: the signal goes to both.
    assert terminal.foreground(sh("kill -INT $PPID; kill -INT $$"), ENVIRON) == 128 + signal.SIGINT


def test_foreground_leaves_our_handlers_where_both_get_ctrl_c() -> None:
    got: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: got.append(number))
    try:
        code = terminal.foreground(sh("kill -INT $PPID; kill -INT $$"), ENVIRON, interrupts=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, got) == (128 + signal.SIGINT, [signal.SIGINT])


def test_foreground_tells_a_program_again_which_missed_ctrl_c() -> None:
    """As ssh does between writing its prompt and waiting for the answer: it notes the signal, and waits."""
    misses = (
        "import os, signal, time\n"
        "told = []\n"
        "signal.signal(signal.SIGINT, lambda *_: told.append(1))\n"
        "os.kill(os.getppid(), signal.SIGINT); os.kill(os.getpid(), signal.SIGINT)\n"
        "while len(told) < 2: time.sleep(0.01)\n"
        "os._exit(9)\n"
    )
    got: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: got.append(number))
    try:
        code = terminal.foreground([sys.executable, "-c", misses], ENVIRON, interrupts=True)
        assert signal.getsignal(signal.SIGINT) is not before
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, got) == (9, [signal.SIGINT])


def test_foreground_passes_sigterm_on() -> None:
    # In a process without other threads: one of those may get the signal, and waitpid goes on.
    script = "trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.01; done"
    code = "import sys; from stentor import terminal; "
    code += f"sys.exit(terminal.foreground({sh(script)!r}, {ENVIRON!r}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9


def test_replace_becomes_the_program() -> None:
    code = "import os; from stentor import terminal; print(os.getpid(), flush=True)\n"
    code += "terminal.replace(['sh', '-c', 'echo $$ $WORD'], {**os.environ, 'WORD': 'x'})"
    before, after, word = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert (before == after, word) == (True, "x")
