"""Our end of the process with ClusterShell in it: lines of JSON out, events in."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from stentor.engines.tree.gateway import LIGHTER
from stentor.programs import spawn
from stentor.ssh.reactor import READ, WRITE, Reactor
from stentor.typed import Any

_PROGRAM = f"import sys; {LIGHTER}; from stentor.engines.tree.process import main; main()"
_CHUNK = 1 << 18
_CLOSES = 1.0  # seconds that it has to end by itself

Event = list[Any]


def check_clustershell() -> None:
    """See that the ClusterShell here is one whose inner parts are as they are used.

    Raises:
        ProgramMissing: it is another one.
    """
    import ClusterShell  # the package alone, a tenth of the time of its distribution's metadata

    if not ClusterShell.__version__.startswith("1.10."):
        from stentor.extras import lacking

        raise lacking("engine 'clustershell'", "tree")


class Channel:
    """Starts the process and passes on what it tells.

    Args:
        environ: the process's environment; PATH finds ssh.
        told: takes each event.
        ended: called once, if the process ends by itself, with the last that it said on stderr.
    """

    def __init__(
        self,
        reactor: Reactor,
        environ: Mapping[str, str],
        told: Callable[[Event], None],
        ended: Callable[[str], None],
    ) -> None:
        self._reactor = reactor
        self._told = told
        self._ended = ended
        self._rest = b""
        self._out = bytearray()
        self._said = b""
        self._writing = False
        theirs_in, self._in = os.pipe()
        self._events, theirs_out = os.pipe()
        self._errors, theirs_err = os.pipe()
        try:
            self.pid = self._spawn(environ, theirs_in, theirs_out, theirs_err)
        finally:
            for descriptor in (theirs_in, theirs_out, theirs_err):
                os.close(descriptor)
        for descriptor in (self._in, self._events, self._errors):
            os.set_blocking(descriptor, False)
        reactor.on_behalf(None, reactor.watch, self._events, self._read)
        reactor.on_behalf(None, reactor.watch, self._errors, self._read_errors)

    def _spawn(self, environ: Mapping[str, str], stdin: int, stdout: int, stderr: int) -> int:
        return spawn(
            # Without the working directory (-P), where a file may have the name of any module.
            [sys.executable, "-P", "-c", _PROGRAM],
            # Where this very package is found, and nothing of the user's for ClusterShell.
            {**environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, stdin, 0),
                (os.POSIX_SPAWN_DUP2, stdout, 1),
                (os.POSIX_SPAWN_DUP2, stderr, 2),
            ],
            setsid=True,
        )

    def ask(self, wanted: dict[str, object]) -> None:
        """Send one line."""
        self._out += json.dumps(wanted).encode() + b"\n"
        self._write()

    def _write(self, _: int = WRITE) -> None:
        while self._out and self._in >= 0:
            try:
                written = os.write(self._in, memoryview(self._out)[:_CHUNK])
            except BlockingIOError:
                break
            except BrokenPipeError:  # its end is told by its output's
                self._out.clear()
                break
            del self._out[:written]
        if self._in >= 0 and bool(self._out) != self._writing:
            self._writing = bool(self._out)
            if self._writing:
                self._reactor.on_behalf(None, self._reactor.watch, self._in, self._write, WRITE)
            else:
                self._reactor.unwatch(self._in)

    def _read(self, _: int = READ) -> None:
        try:
            data = os.read(self._events, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            said = self._said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            self.close()
            self._ended(said)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._told(json.loads(line))

    def _read_errors(self, _: int) -> None:
        try:
            data = os.read(self._errors, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._reactor.unwatch(self._errors)
            return
        self._said = (self._said + data)[-4000:]

    def close(self) -> None:
        """End the process and with it every channel to a gateway; safe more than once."""
        if self._in < 0:
            return
        for descriptor in (self._in, self._events, self._errors):
            with suppress(KeyError):  # it was not, or no longer, watched
                self._reactor.unwatch(descriptor)
            os.close(descriptor)
        self._in = -1
        # At the end of its stdin it closes its channels, so that the gateways end what they run.
        deadline = time.monotonic() + _CLOSES
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            time.sleep(0.002)
