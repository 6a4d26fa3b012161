"""Engine ``local``: the node which is this machine, without ssh."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping

from stentor.errors import ProgramMissing
from stentor.fanout.context import EngineContext
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.ssh.child import Child
from stentor.ssh.reactor import Reactor
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.engine import Engine, Failure, Listener

_LOOK_AGAIN = 0.05


def make(context: EngineContext) -> Engine:
    """Make the engine for one fan-out."""
    return LocalEngine(context.reactor, context.environ)


class LocalEngine:
    """Runs commands by the user's login shell in the user's home, as sshd would."""

    own_window = False

    def __init__(self, reactor: Reactor, environ: Mapping[str, str]) -> None:
        self._reactor = reactor
        self._environ = environ  # the environment; ``SHELL`` and ``HOME`` are taken from it

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:  # noqa: ARG002
        """This machine is always ready."""
        ready()

    def start(self, task: Task, listener: Listener) -> _LocalCommand:
        return _LocalCommand(self._reactor, task, self._environ, listener)

    def describe(self, node: Node) -> str:  # noqa: ARG002
        """Say how the node would be reached."""
        return "this machine, without ssh"

    def close(self) -> None:
        """Nothing is kept."""


class _LocalCommand:
    def __init__(self, reactor: Reactor, task: Task, environ: Mapping[str, str], listener: Listener) -> None:
        self._reactor = reactor
        self._listener = listener
        self._over = False
        shell = environ.get("SHELL") or "/bin/sh"
        # In the home, as a login would be; a child changes there, since this process may not move.
        argv = ["/bin/sh", "-c", 'cd; exec "$0" -c "$1"', shell, task.command]
        listener.opened()
        try:
            self._child = Child(
                reactor,
                argv,
                {**environ, **task.environment},
                self._ended,
                output=lambda data: self._output("stdout", data),
                errors=lambda data: self._output("stderr", data),
                stdin=task.path,
            )
        except ProgramMissing:
            reactor.soon(lambda: listener.ended("shell-broken", None, "there is no /bin/sh here"))
            return
        listener.started(self._child.pid)

    def _output(self, stream: str, data: bytes) -> None:
        if not self._over:
            self._listener.output(stream, data)

    def _ended(self, code: int) -> None:
        if self._over:
            return
        self._over = True
        if code < 0:
            self._listener.ended("signalled", None, f"killed by {signal.Signals(-code).name}")
        elif code:
            self._listener.ended("failed", code, f"exit code {code}")
        else:
            self._listener.ended("ok", 0, "")

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        """End the process group, TERM first."""
        child = self._child
        child.kill(signal.SIGTERM)
        give_up = self._reactor.now() + grace

        def look(word: str) -> None:
            if self._over or not child.alive():
                self._over = True
                done(word)
            elif self._reactor.now() < give_up:
                self._reactor.after(_LOOK_AGAIN, lambda: look(word))
            else:
                child.kill(signal.SIGKILL)
                child.abandon_output()
                self._over = True
                done("ended by KILL")

        look("ended by TERM")

    def abandon(self) -> None:
        """Let go, ending the process at once: it is a child of ours."""
        self._over = True
        self._child.kill(signal.SIGKILL)
        self._child.abandon_output()
