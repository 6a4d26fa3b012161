"""The end of a command on a node: its process group gets TERM, then KILL."""

from __future__ import annotations

from collections.abc import Callable

from stentor.fleet.model import Node
from stentor.ssh import marker, mux
from stentor.ssh.child import Child
from stentor.ssh.session import Session
from stentor.ssh.target import question_argv
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.openssh import OpensshEngine


class Ending:
    """A second session, which ends the process group of the first; a login of its own where there is none.

    Args:
        engine: whose node it is.
        node: where.
        path: the master's control path.
        pid: the process group.
        grace: seconds between TERM and KILL.
        done: told what came of it, in the words of ``Outcome.remote``.
    """

    WORDS: dict[str, str] = {  # noqa: RUF012 - a constant
        "gone": "had ended already",
        "term": "ended by TERM",
        "kill": "ended by KILL",
        "left": "may still run: it survived KILL (waiting for a disk or network file system?)",
    }

    def __init__(
        self,
        engine: OpensshEngine,
        node: Node,
        path: str,
        pid: int,
        grace: float,
        done: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._node = node
        self._said = b""
        self._done = done
        self._patience = grace + 5.0
        self._command = marker.end_group(pid, grace)
        self._session = Session(engine.reactor, path, mux.new_session(self._command.encode()), self)
        self._login: Child | None = None
        self._timer = engine.reactor.after(self._patience, self._too_late)

    def begin(self) -> None:
        """Ask for the session."""
        self._session.open()

    def opened(self) -> None:
        """The second session is there."""

    def output(self, stream: str, data: bytes) -> None:
        """Keep what the node says came of it."""
        if stream == "stdout":
            self._said += data

    def ended(self, code: int | None) -> None:  # noqa: ARG002 - the word says more than the code
        """Tell what the node said."""
        self._tell(self._word() or "may still run: the node did not say what came of ending it")

    def _word(self) -> str:
        words = self._said.decode("utf-8", "replace").split()
        return self.WORDS.get(words[-1], "") if words else ""

    def not_opened(self, master: bool, reason: str) -> None:
        """Log in for it, where the connection stands and takes no more sessions."""
        if not master:
            self._tell("may still run: the connection was lost")
            return
        self._timer.cancel()
        settings, reactor = self._engine.settings, self._engine.reactor
        argv = question_argv(
            self._engine.fleet,
            self._node,
            connect_timeout=settings.connect_timeout,
            user=settings.user,
            command=self._command,
        )

        def done(_: int) -> None:
            without = f"may still run: no second session to end it ({reason}); see MaxSessions on the node"
            self._tell(self._word() or without)

        self._login = Child(
            reactor,
            argv,
            self._engine.environ,
            done,
            output=lambda data: self.output("stdout", data),
            errors=lambda _: None,
        )
        self._timer = reactor.after(settings.connect_timeout + self._patience, self._too_late)

    def _too_late(self) -> None:
        if self._login:
            self._login.kill()
            return
        self._session.close()
        self._tell("may still run: the node did not answer when it was to be ended")

    def _tell(self, word: str) -> None:
        self._timer.cancel()
        self._done(word)
