"""The end of a command on a node: its processes get TERM, then KILL."""

from __future__ import annotations

from collections.abc import Callable

from stentor.engines.link import Link
from stentor.fanout.reap import became
from stentor.fleet.model import Node
from stentor.ssh import marker, mux
from stentor.ssh.child import Child
from stentor.ssh.session import Session

_ANSWER = 5.0  # seconds beyond the grace until the node must have answered

_SAID = 4096  # bytes: the answer is the last word


class Ending:
    """A second session, which ends what the first one runs; a login of its own where there is none.

    Args:
        path: the master's control path.
        pid: the process group.
        grace: seconds between TERM and KILL.
        mark: what is in the environment of its processes; may be empty.
        done: told what came of it, in the words of ``Outcome.remote``.
    """

    def __init__(
        self,
        link: Link,
        node: Node,
        path: str,
        pid: int,
        grace: float,
        done: Callable[[str], None],
        *,
        mark: str = "",
    ) -> None:
        self._link = link
        self._node = node
        self._said = b""
        self._done = done
        self._patience = grace + _ANSWER
        self._command = marker.end_group(pid, grace, mark)
        self._session = Session(link.reactor, path, mux.new_session(self._command.encode()), self)
        self._login: Child | None = None
        self._timer = link.reactor.after(self._patience, self._too_late)

    def begin(self) -> None:
        """Ask for the session."""
        self._session.open()

    def opened(self) -> None:
        """The second session is there."""

    def output(self, stream: str, data: bytes) -> None:
        """Keep the node's answer."""
        if stream == "stdout":
            self._said = (self._said + data)[-_SAID:]

    def ended(self, code: int | None) -> None:  # noqa: ARG002 - the answer says more than the code
        """Tell what the node said."""
        self._tell(became(self._said))

    def not_opened(self, master: bool, reason: str) -> None:
        """Log in for it, where the connection stands and takes no more sessions."""
        if not master:
            self._tell("may still run: the connection was lost")
            return
        self._timer.cancel()

        def done(_: int) -> None:
            without = f"may still run: no second session to end it ({reason}); see MaxSessions on the node"
            self._tell(became(self._said) if self._said.strip() else without)

        def output(data: bytes) -> None:
            self.output("stdout", data)

        self._login = self._link.log_in_once(self._node, self._command, output, done)
        limit = self._link.connect_timeout + self._patience
        self._timer = self._link.reactor.after(limit, self._too_late)

    def _too_late(self) -> None:
        if self._login:
            self._login.kill()
            return
        self._session.close()
        self._tell("may still run: the node did not answer when it was to be ended")

    def _tell(self, word: str) -> None:
        self._timer.cancel()
        self._done(word)
