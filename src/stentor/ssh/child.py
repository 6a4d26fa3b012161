"""A child process which is waited for by the reactor: its output, then its exit code.

Many of these run in one thread, each by callbacks; the functions of :mod:`stentor.programs` that wait are not
for them.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from stentor.errors import StentorError
from stentor.programs import spawn
from stentor.ssh.reactor import Reactor

# Where the system has no pidfd (macOS): how often we look whether a child has ended, seconds.
_POLL = 0.02
_LAST_WAIT = 1.0  # seconds for a process that was killed to end
_CHUNK = 65536


class Child:
    """Starts a program without a terminal and calls back when it has ended.

    Args:
        argv: the program and its arguments; found by PATH.
        done: called once with the exit code (minus the signal's number, if one killed it).
        output: called with bytes of its stdout and stderr; None sends both to ``log``.
        errors: called with stderr's bytes apart, if they shall not be mixed with stdout's.
        log: path of a file for both outputs, emptied first.
        stays: the program goes on in the background: its output is what it wrote until then. Without this, a
            pipe must not be used for one: it would keep the pipe open.
        ends_group: where it fails, what it started and left in its process group is killed.
        stdin: path of a file to be its standard input.

    Raises:
        ProgramMissing: there is no such program.
        OSError: it cannot be started.
    """

    def __init__(
        self,
        reactor: Reactor,
        argv: Sequence[str],
        environ: Mapping[str, str],
        done: Callable[[int], None],
        *,
        output: Callable[[bytes], None] | None = None,
        errors: Callable[[bytes], None] | None = None,
        log: str | None = None,
        stdin: str | None = None,
        stays: bool = False,
        ends_group: bool = False,
    ) -> None:
        self._reactor = reactor
        self._done = done
        self._stays = stays
        self._ends_group = ends_group
        self._open: dict[int, Callable[[int], None]] = {}
        self._code: int | None = None
        self._exited = -1
        self._killed = False
        self.pid = 0
        self._spawn(argv, environ, output, errors, log or os.devnull, stdin or os.devnull)

    def _spawn(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        output: Callable[[bytes], None] | None,
        errors: Callable[[bytes], None] | None,
        log: str,
        stdin: str,
    ) -> None:
        actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0)
        ]
        theirs: list[int] = []
        if output is None:
            actions += [
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ]
        else:
            actions.append((os.POSIX_SPAWN_DUP2, self._pipe(output, theirs), 1))
            actions.append((os.POSIX_SPAWN_DUP2, self._pipe(errors, theirs) if errors else 1, 2))
        try:
            self.pid = spawn(argv, environ, file_actions=actions, setsid=True)
        except (OSError, StentorError):
            for descriptor in list(self._open):
                self._drop(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._watch_exit()
        self._reactor.at_close.add(self._let_go)

    def _pipe(self, callback: Callable[[bytes], None], theirs: list[int]) -> int:
        ours, end = os.pipe()
        os.set_blocking(ours, False)
        theirs.append(end)

        def read(_: int) -> None:
            try:
                data = os.read(ours, _CHUNK)
            except BlockingIOError:
                return
            if data:
                callback(data)
            else:
                self._drop(ours)
                self._perhaps_done()

        self._open[ours] = read
        self._reactor.watch(ours, read)
        return end

    def _drop(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        self._reactor.unwatch(descriptor)
        os.close(descriptor)

    def _watch_exit(self) -> None:
        if hasattr(os, "pidfd_open"):
            self._exited = os.pidfd_open(self.pid)
            self._reactor.watch(self._exited, lambda _: self._reap())
        else:
            self._reactor.after(_POLL, self._reap)

    def _end_group(self) -> None:
        """Kill what a program that has failed left behind; not yet waited for, its number is no other's."""
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended and ended.si_status:
            with suppress(
                ProcessLookupError, PermissionError
            ):  # macOS: a zombie's group may not be signalled
                os.killpg(self.pid, signal.SIGKILL)

    def _reap(self) -> None:
        if self._ends_group:
            self._end_group()
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            if self._exited < 0:
                self._reactor.after(_POLL, self._reap)
            return
        self._code = os.waitstatus_to_exitcode(status)
        self._unwatch_exit()
        if self._stays:
            self._leave_output()
        self._perhaps_done()

    def _unwatch_exit(self) -> None:
        if self._exited >= 0:
            self._reactor.unwatch(self._exited)
            os.close(self._exited)
            self._exited = -1

    def _let_go(self) -> None:
        """The reactor closes. One that was killed would stay a zombie for as long as we live."""
        self._reactor.at_close.discard(self._let_go)
        if not self._killed:
            return
        for descriptor in list(self._open):
            self._drop(descriptor)
        self._unwatch_exit()
        end = time.monotonic() + _LAST_WAIT
        while self._code is None and time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.001)

    def _leave_output(self) -> None:
        """Read what is there, and no more: a process in the background may keep it open."""
        code, self._code = self._code, None
        for descriptor, read in list(self._open.items()):
            read(descriptor)
            if descriptor in self._open:
                self._drop(descriptor)
        self._code = code

    def _perhaps_done(self) -> None:
        if self._code is not None and not self._open:
            self._reactor.at_close.discard(self._let_go)
            self._done(self._code)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Signal the child and all that it started in its session; ``done`` is still called."""
        if self._code is None:
            self._killed = self._killed or number == signal.SIGKILL
            with suppress(ProcessLookupError):  # it ended a moment ago
                os.killpg(self.pid, number)

    def alive(self) -> bool:
        """Whether its process group still has a member."""
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def abandon_output(self) -> None:
        """Stop reading, where a background process of the child keeps its output open."""
        for descriptor in list(self._open):
            self._drop(descriptor)
        self._perhaps_done()
