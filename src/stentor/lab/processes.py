"""The processes of this machine, read from ``/proc`` (or ``ps``), and how to end those of a lab."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from stentor import programs
from stentor.lab.plan.process_tree import Process
from stentor.lab.programs import run

KILL, STOP, CONTINUE = signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT
LINUX = os.uname().sysname == "Linux"


def table() -> dict[int, Process]:
    """Every process which can be seen, by its number."""
    if not LINUX:
        return _table_by_ps()
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                found[int(entry.name)] = read(int(entry.name))
    return found


def read(pid: int) -> Process:
    """A process of this machine; only where it has ``/proc``.

    Raises:
        OSError, ValueError: it is gone.
    """
    # The name is in parentheses and may itself hold spaces and parentheses: proc(5).
    state, parent = content(pid, "stat").rpartition(b")")[2].split(None, 2)[:2]
    # Decoded as a whole: the sandbox of a node has hundreds of words.
    words = tuple(os.fsdecode(content(pid, "cmdline")).split("\0")[:-1])
    return Process(pid, int(parent), state.decode(), words)


def content(pid: int, name: str) -> bytes:
    """A file of ``/proc``; without Python's own layers, since a machine has hundreds of processes."""
    found = b""
    file = os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
    try:
        while part := os.read(file, 65536):
            found += part
    finally:
        os.close(file)
    return found


def _table_by_ps() -> dict[int, Process]:
    text = run(["ps", "-axwwo", "pid=,ppid=,state=,command="]).stdout
    rows = (line.split(None, 3) for line in text.splitlines())
    return {int(row[0]): Process(int(row[0]), int(row[1]), row[2][0], tuple(row[3].split())) for row in rows}


def marked(processes: Mapping[int, Process], marker: str) -> set[int]:
    """Processes with ``marker`` (``NAME=value``) in their environment, as far as we may look."""
    if not LINUX:
        return set()
    wanted = os.fsencode(marker)
    found = set()
    for pid in processes:
        with contextlib.suppress(OSError):
            if wanted in content(pid, "environ").split(b"\0"):
                found.add(pid)
    return found


def kill(pids: Iterable[int], how: int = KILL) -> None:
    """Send a signal to each; those already gone are fine."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, how)


def alive(pid: int) -> bool:
    """Whether the process runs: a zombie does not."""
    if LINUX:
        try:
            return read(pid).state not in "ZX"
        except (OSError, ValueError, IndexError):
            return False
    return programs.is_there(pid)


def wait_gone(pids: Iterable[int]) -> set[int]:
    """Wait until the processes are gone; return those which are not."""
    left = set(pids)
    for _ in ticks(5.0):
        _reap(left)
        left = {pid for pid in left if alive(pid)}
        if not left:
            break
    return left


def end(
    find: Callable[[Mapping[int, Process]], set[int]], seen: Mapping[int, Process] | None = None
) -> set[int]:
    """Kill what ``find`` finds in the table of processes, until it finds nothing; return what is left.

    Args:
        seen: the table, if it was read a moment ago.
    """
    left: set[int] = set()
    for _ in range(20):  # what is being killed may fork once more
        pids = find(table() if seen is None else seen)
        seen = None
        if not pids:
            return pids
        kill(pids)
        left = wait_gone(pids)
    return left


def _reap(pids: Iterable[int]) -> None:
    """Wait for those which are our own children, so that they do not stay behind as zombies."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def until(holds: Callable[[], bool], seconds: float = 30, pause: float = 0.01) -> bool:
    """Wait until something holds; return whether it did within so many seconds."""
    return any(holds() for _ in ticks(seconds, pause))


def ticks(seconds: float, pause: float = 0.01) -> Iterator[None]:
    """Yield every ``pause`` seconds until ``seconds`` are over; at least once."""
    end = time.monotonic() + seconds
    yield
    while time.monotonic() < end:
        time.sleep(pause)
        yield
