"""One command over a master, as a pure object: events in, actions out; no socket and no clock.

Theory of operation. A session is asked of the first master that is there; where none answers, the node
is logged in to again, once. The command is preceded by a marker (:mod:`stentor.ssh.marker`) on stderr:
before it the login shell runs, after it the command. How the session ends says what the outcome is. To
end a command, its process group is ended by a second session, for which the marker must have come.

    state       what it means                               leaves for
    new         nothing was asked yet                       opening, logging-in
    opening     a session was asked of a master             shell, waiting, logging-in, stopping
    waiting     the master has no session to spare          opening, logging-in
    logging-in  there is no master                          opening
    shell       the session is open, the marker not seen    running, judging, stopping
    running     the command runs                            judging, ending
    judging     it ended without an exit code               over
    stopping    to be ended, and the marker is not seen     ending, judging
    ending      its process group is being ended            draining
    draining    it has ended; its last output is read       over
    over        nothing more goes out

An event that a state has no row for is ignored: it is that of a timer which is out of date.
"""

from __future__ import annotations

from collections.abc import Sequence

from stentor.engines.verdict import verdict
from stentor.outcome import Kind
from stentor.ssh.marker import Scanner
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.engines.dialogue_words import Action, Event, Handler, State

# A refused session ("no more sessions") may be open a little later: MaxSessions is shared with
# other users of this master. Their sessions may be long, so the request is repeated for half a minute.
OPEN_AGAIN = 0.1
REFUSED_FOR = 30.0
# A signal ends a process before its master: without an exit code we look whether that still lives.
LOOK_AT_MASTER = 0.02
# A node where this fan-out has just logged in is there, if busy: many logins at once keep servers busy.
AFTER_LOGIN = 20.0
# A command that is to be ended before its marker has come gets so many seconds to send it. Without its
# process number it could not be ended, and would run after all.
MARKER_COMES = 2.0
# The last output of a command that was ended may take so many seconds.
LAST_OUTPUT = 0.5
# So much of what the login shell says is looked at for a syntax error.
_SAID = 500


class Dialogue:
    """The state of one command.

    Args:
        word: of the marker.
        paths: control paths where a master may listen, in the order in which they are asked.
        control: which of them is our own master's.
        connect_timeout: seconds until the session must be open.
        fresh: whether this fan-out has just logged in to the node.
        direct: whether the node can be reached without a jump host or a ProxyCommand.
        shell: the node's login shell if it is known, for the hint.
    """

    __slots__ = (
        "_allowed", "_closed", "_connect_timeout", "_control", "_direct", "_fresh", "_grace",
        "_logged_in", "_opened", "_path", "_paths", "_reachable", "_refusal", "_round", "_said",
        "_scanner", "_shell", "_word", "state",
    )  # fmt: skip

    def __init__(
        self,
        word: str,
        paths: Sequence[str],
        control: str,
        *,
        connect_timeout: float,
        fresh: bool = False,
        direct: bool = True,
        shell: str = "",
    ) -> None:
        self.state: State = "new"
        self._scanner = Scanner(word)
        self._paths = list(paths)
        self._control = control
        self._connect_timeout = connect_timeout
        self._fresh = fresh
        self._direct = direct
        self._shell = shell
        self._path = ""
        self._round = 0
        self._allowed = 0.0
        self._reachable = False
        self._logged_in = False
        self._refusal: str | None = None
        self._opened = False
        self._closed = False
        self._said = b""
        self._grace: float | None = None
        self._word = ""

    def receive(self, event: Event, *arguments: Any) -> list[Action]:
        """Take an event and return the actions that follow from it, in order."""
        handler = TABLE[self.state].get(event)
        return handler(self, *arguments) if handler else []

    # -- the session ---------------------------------------------------------------------------

    def _begin(self) -> list[Action]:
        return [*self._new_round(), *self._next()] if self._paths else self._next()

    def _new_round(self) -> list[Action]:
        self._round += 1
        self._reachable = False
        self._refusal = None
        self._allowed = self._connect_timeout + (AFTER_LOGIN if self._fresh else 0.0)
        half = ("wait", self._allowed / 2, "half-time", self._round)
        return [("wait", self._allowed, "deadline", self._round), half]

    def _next(self) -> list[Action]:
        """Ask the first master that may be there, else log in."""
        if self._paths:
            self.state = "opening"
            self._path = self._paths[0]
            return [("open", self._path)]
        if self._logged_in:
            reason = "no session on a connection that has just been made"
            hint = "the server closed it right after the login; its log says why: journalctl -u ssh"
            return self._finish("lost", None, reason, hint)
        self.state = "logging-in"
        self._logged_in = True
        return [("log-in",)]

    def _log_in_again(self) -> list[Action]:
        self._fresh = True
        self._paths = [self._control]
        return [*self._new_round(), *self._next()]

    def _login_failed(self, kind: Kind, reason: str, hint: str) -> list[Action]:
        return self._finish(kind, None, reason, hint)

    def _dead(self) -> list[Action]:
        """The socket is a dead master's: its process was killed, or the machine restarted."""
        self._paths.pop(0)
        removed: list[Action] = [("unlink", self._path)] if self._path == self._control else []
        return removed + self._next()

    def _refused(self, reason: str, there: bool) -> list[Action]:
        actions: list[Action] = [("wait", OPEN_AGAIN, "open-again")]
        if self._refusal is None:
            actions.append(("wait", REFUSED_FOR, "still-refused", self._round))
        self._refusal = reason
        if not there:
            self._paths.pop(0)
        self.state = "waiting"
        return actions

    def _open_again(self) -> list[Action]:
        return self._next()

    def _still_refused(self, number: int) -> list[Action]:
        if number != self._round:
            return []
        reason = f"no session on the open connection: {self._refusal}"
        return [("close",), *self._finish("lost", None, reason)]

    def _half_time(self, number: int) -> list[Action]:
        """Look past a silent master whether the node itself answers, so as to know at the deadline."""
        return [("probe",)] if self._direct and number == self._round else []

    def _note_reachable(self, up: bool) -> list[Action]:
        self._reachable = up
        return []

    def _no_session(self, number: int) -> list[Action]:
        """The master lives, but no session came of it in time: the network behind it is gone, or was.

        Our own master is ended, not only left: it would ask for the session once the network is
        back, and the command would run after all, or twice.
        """
        if number != self._round or self._refusal is not None:
            return []
        made = "has just been made" if self._fresh else "was open already"
        reason = f"no answer in {self._allowed:g} s over a connection that {made}"
        if self._path != self._control:
            reason += "; the command may begin if it comes back"
            return [("close",), *self._finish("unreachable", None, reason)]
        ended: list[Action] = [("close",), ("stop-master", self._path)]
        if self._reachable or not self._direct:
            self._paths.clear()
            return ended + self._next()
        return ended + self._finish("unreachable", None, reason)

    # -- the command ---------------------------------------------------------------------------

    def _note_opened(self) -> list[Action]:
        """The session is open; output which overtakes the word of it says the same."""
        if self._opened:
            return []
        self._opened = True
        if self.state == "opening":
            self.state = "shell"
        return [("tell-opened",)]

    def _before_marker(self, stream: str, data: bytes) -> list[Action]:
        actions = self._note_opened()
        if stream == "stderr":
            data = self._scanner.feed(data)
            if self._scanner.pid:
                actions += self._marker()
            else:
                self._said = (self._said + data)[-_SAID:]
        if data:
            actions.append(("tell-output", stream, data))
        return actions

    def _marker(self) -> list[Action]:
        pid = self._scanner.pid
        actions: list[Action] = [("learn", self._scanner.shell)] if self._scanner.shell else []
        actions.append(("tell-started", pid))
        if self._grace is None:
            self.state = "running"
        else:
            self.state = "ending"
            actions.append(("end-group", self._path, pid, self._grace))
        return actions

    def _pass_on(self, stream: str, data: bytes) -> list[Action]:
        return [("tell-output", stream, data)]

    def _judge(self, code: int | None) -> list[Action]:
        rest = self._scanner.rest()
        actions: list[Action] = [("tell-output", "stderr", rest)] if rest else []
        if code is None:
            self.state = "judging"
            return [*actions, ("wait", LOOK_AT_MASTER, "check-master")]
        if self._grace is not None:
            return actions + self._stopped("had ended already")
        begun = bool(self._scanner.pid)
        return actions + self._finish(*verdict(code, self._said + rest, begun=begun, shell=self._shell))

    def _check_master(self) -> list[Action]:
        return [("ask-master", self._path)]

    def _without_code(self, lives: bool) -> list[Action]:
        if self._grace is not None:
            gone = "had ended already" if lives else "may still run: the connection was lost"
            return self._stopped(gone)
        if not lives:
            return self._finish("lost", None, "the connection was lost while the command ran")
        if not self._scanner.pid:
            reason = "the login shell was killed before it came to the command"
            return self._finish("shell-broken", None, reason)
        return self._finish("signalled", None, "killed by a signal")

    # -- its end -------------------------------------------------------------------------------

    def _stop_before_session(self, _: float) -> list[Action]:
        return self._stopped("")

    def _stop_before_marker(self, grace: float) -> list[Action]:
        self._grace = grace
        self.state = "stopping"
        return [("wait", min(grace, MARKER_COMES), "no-marker")]

    def _stop_running(self, grace: float) -> list[Action]:
        self.state = "ending"
        return [("end-group", self._path, self._scanner.pid, grace)]

    def _stop_judging(self, grace: float) -> list[Action]:
        self._grace = grace
        return []

    def _lost(self, *_: object) -> list[Action]:
        """Output came, and then the master ended the session before it said that it was open."""
        return self._finish("lost", None, "the connection was lost while the command ran")

    def _never_began(self, *_: object) -> list[Action]:
        return self._stopped("may still run: the connection was lost" if self._opened else "")

    def _no_marker(self) -> list[Action]:
        if self._opened:
            return self._stopped("may still run: its login shell had not come to the command")
        return self._stopped("may begin yet: the node had not answered")

    def _note_closed(self, *_: object) -> list[Action]:
        self._closed = True
        return []

    def _group_ended(self, word: str) -> list[Action]:
        if self._closed:
            return self._stopped(word)
        self.state = "draining"
        self._word = word
        return [("wait", LAST_OUTPUT, "drained")]

    def _drained(self, *_: object) -> list[Action]:
        return self._stopped(self._word)

    def _stopped(self, word: str) -> list[Action]:
        self.state = "over"
        return [("close",), ("tell-stopped", word)]

    def _finish(self, kind: Kind, code: int | None, reason: str, hint: str = "") -> list[Action]:
        self.state = "over"
        return [("tell-ended", kind, code, reason, hint)]


TABLE: dict[State, dict[Event, Handler]] = {
    "new": {
        "begin": Dialogue._begin,
        "stop": Dialogue._stop_before_session,
    },
    "opening": {
        "opened": Dialogue._note_opened,
        "data": Dialogue._before_marker,
        "dead": Dialogue._dead,
        "refused": Dialogue._refused,
        "half-time": Dialogue._half_time,
        "reachable": Dialogue._note_reachable,
        "deadline": Dialogue._no_session,
        "still-refused": Dialogue._still_refused,
        "stop": Dialogue._stop_before_marker,
    },
    "waiting": {
        "open-again": Dialogue._open_again,
        "still-refused": Dialogue._still_refused,
        "stop": Dialogue._stop_before_session,
    },
    "logging-in": {
        "logged-in": Dialogue._log_in_again,
        "login-failed": Dialogue._login_failed,
        "stop": Dialogue._stop_before_session,
    },
    "shell": {
        "data": Dialogue._before_marker,
        "ended": Dialogue._judge,
        "dead": Dialogue._lost,
        "refused": Dialogue._lost,
        "stop": Dialogue._stop_before_marker,
    },
    "running": {
        "data": Dialogue._pass_on,
        "ended": Dialogue._judge,
        "dead": Dialogue._lost,
        "refused": Dialogue._lost,
        "stop": Dialogue._stop_running,
    },
    "judging": {
        "check-master": Dialogue._check_master,
        "master-answers": Dialogue._without_code,
        "stop": Dialogue._stop_judging,
    },
    "stopping": {
        "opened": Dialogue._note_opened,
        "data": Dialogue._before_marker,
        "ended": Dialogue._judge,
        "dead": Dialogue._never_began,
        "refused": Dialogue._never_began,
        "no-marker": Dialogue._no_marker,
    },
    "ending": {
        "data": Dialogue._pass_on,
        "ended": Dialogue._note_closed,
        "dead": Dialogue._note_closed,
        "refused": Dialogue._note_closed,
        "group-ended": Dialogue._group_ended,
    },
    "draining": {
        "data": Dialogue._pass_on,
        "ended": Dialogue._drained,
        "dead": Dialogue._drained,
        "refused": Dialogue._drained,
        "drained": Dialogue._drained,
    },
    "over": {},
}
