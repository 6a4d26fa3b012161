"""A terminal for tests: a tmux of its own in which the program under test runs, as a person would see it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping

from stentor.lab import processes


class Tmux:
    """One tmux server on a private socket.

    Args:
        environ: of the tests; its ``TMUX_TMPDIR`` holds the socket.
        socket: its name; ``default`` is what ``stentor tmux`` uses.
        program: which tmux.
    """

    def __init__(self, environ: Mapping[str, str], socket: str = "default", program: str = "tmux") -> None:
        self.environ = {k: v for k, v in environ.items() if k not in ("TMUX", "TMUX_PANE")}
        self.environ["TERM"] = "xterm-256color"
        self.words = [program, "-L", socket]

    def __call__(self, *words: str, check: bool = True) -> str:
        """Run tmux with these words and return what it printed."""
        done = subprocess.run(
            [*self.words, *words], env=self.environ, capture_output=True, text=True, timeout=20
        )
        assert done.returncode == 0 or not check, (words, done.stderr)
        return done.stdout.rstrip("\n")

    def panes(self, session: str = "") -> dict[str, str]:
        """``@node`` to ``@state`` of all panes, or of one session's."""
        where = ["-s", "-t", f"={session}:"] if session else ["-a"]
        listed = self("list-panes", *where, "-F", "#{@node}|#{@state}", check=False)
        return dict(row.split("|", 1) for row in listed.splitlines())

    def pane(self, node: str) -> str:
        """The id of a node's pane."""
        listed = self("list-panes", "-a", "-F", "#{@node}|#{pane_id}")
        return dict(row.split("|", 1) for row in listed.splitlines())[node]

    def text(self, target: str) -> str:
        """What a pane shows."""
        return self("capture-pane", "-p", "-J", "-t", target)

    def end(self) -> None:
        """End the server, and see that nothing of it is left: no pane, and nothing that ran in one."""
        pids = {int(pid) for pid in self("list-panes", "-a", "-F", "#{pid} #{pane_pid}", check=False).split()}
        pids |= _descendants(pids)
        self("kill-server", check=False)
        wait(lambda: not any(_alive(pid) for pid in pids), "the tmux server and its panes are gone")


def wait(condition: Callable[[], object], what: str, seconds: float = 90) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def _descendants(pids: set[int]) -> set[int]:
    table, found = processes.table(), set(pids)
    while more := {pid for pid, one in table.items() if one.parent in found} - found:
        found |= more
    return found


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def at_terminal(
    words: list[str],
    environ: Mapping[str, str],
    *,
    answer: bytes = b"\x04",
    when: bytes = b"",
    seconds: float = 60,
) -> tuple[int, str]:
    """Run stentor on a terminal of its own, and give each prompt this answer.

    Args:
        words: of its command line.
        environ: of the tests.
        answer: to each prompt; Ctrl-D by default.
        when: what the terminal has been sent when it is given; by default the end of a question.
        seconds: until it is given up.

    Returns:
        The exit code, and what the terminal was sent.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", *words],
        env={key: value for key, value in environ.items() if key != "CI"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    said, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([ours], [], [], 0.1)[0]:
            if process.poll() is not None:
                break
            if when in said if when else said.endswith((b": ", b"] ", b"? ", b") ")):
                os.write(ours, answer)
            continue
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
    os.close(ours)
    return process.wait(10), said.decode()
