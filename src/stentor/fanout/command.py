"""One command on one node over a master: its session, its end, and what both mean."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from stentor import shells
from stentor.errors import UsageError
from stentor.fanout.engine import Listener
from stentor.fanout.task import Task
from stentor.ssh import marker, mux
from stentor.ssh.master import master_answers, stop_master
from stentor.ssh.session import Session
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.openssh import OpensshEngine

# Linux gives a command line, as one argument, 128 KiB; the server's shell gets it as one.
LONGEST_COMMAND = 120_000
# A refused session ("no more sessions") may have room a little later: MaxSessions is shared with
# whoever else uses this master.
_ROOM_AGAIN = 0.1
# A signal ends a process before its master: without an exit code we look whether that still lives.
_LOOK_AT_MASTER = 0.02
# After a login of this very run the node is there, if busy: many logins at once keep servers busy.
_AFTER_LOGIN = 20.0
# Whoever is to be ended before its shell came to the command is given so long to tell which process
# it is: without that nobody could end it, and let go of, it would run after all. Seconds.
_WORD_OF_BEGINNING = 2.0
_SYNTAX = re.compile(rb"parse error|[Ss]yntax error|unexpected|fish: |Unmatched|Badly placed")


class RemoteCommand:
    """Opens the session, takes the marker out of stderr, judges how it ended, ends it when asked."""

    def __init__(self, engine: OpensshEngine, task: Task, listener: Listener) -> None:
        self._engine = engine
        self._task = task
        self._listener = listener
        self._alias = task.node.alias
        self._target = engine.targets[self._alias]
        self._paths = [p for p in (self._target.own_control, self._target.control) if p and os.path.exists(p)]
        self._path = ""
        self._rewarmed = False
        self._scanner = marker.Scanner(engine.word)
        self._session: Session | None = None
        self._opened = False
        self._said = b""
        self._over = False
        self._deadline = engine.reactor.now() + self._allowed()
        self._patience = engine.reactor.at(self._deadline, self._no_session)
        self._waits_for_room = False
        self._answers = False
        self._to_end: tuple[float, Callable[[str], None]] | None = None
        engine.reactor.after(self._allowed() / 2, self._doubt)

    def _allowed(self) -> float:
        """Seconds until the session must be open; more where a login has just shown that the node lives."""
        extra = _AFTER_LOGIN if self._alias in self._engine.fresh else 0.0
        return self._engine.settings.connect_timeout + extra

    # -- opening -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Ask the first master that is there for a session."""
        if self._over:
            return
        if not self._paths:
            self._rewarm()
            return
        self._path = self._paths[0]
        self._waits_for_room = False
        self._session = Session(
            self._engine.reactor,
            self._path,
            self._request(),
            self,
            stdin=self._task.stdin,
            prepare=self._task.prepare,
        )
        self._session.open()

    def _request(self) -> bytes:
        """Build the request, once for all nodes whose shell is of one kind."""
        task, target = self._task, self._target
        shell = shells.name_of(target.shell)
        family = "sh" if shell in shells.POSIX else shell
        key = (task.command, family + repr(sorted(task.environment.items())), target.agent)
        request = self._engine.requests.get(key)
        if request is None:
            command = marker.wrap(task.command, self._engine.word, family, dict(task.environment))
            encoded = command.encode("utf-8", "surrogateescape")
            if len(encoded) > LONGEST_COMMAND:
                raise UsageError(
                    f"the command has {len(encoded)} bytes, over the limit of {LONGEST_COMMAND}",
                    hint="put it in a file and use --script FILE, which has no limit",
                )
            request = mux.new_session(encoded, agent=target.agent)
            self._engine.requests[key] = request
        return request

    def not_opened(self, master: bool, reason: str) -> None:
        """Try the next master, wait for room, or log in again."""
        if self._over:
            return
        if self._to_end:
            self._never_began()
        elif not master:
            # The socket is a dead master's: its process was killed, or the machine restarted.
            self._paths.pop(0)
            if self._path == self._target.control:
                self._unlink_dead()
            self.begin()
        elif self._engine.reactor.now() + _ROOM_AGAIN < self._session_deadline():
            if not os.path.exists(self._path):
                self._paths.pop(0)
            self._waits_for_room = True
            self._engine.reactor.after(_ROOM_AGAIN, self.begin)
        else:
            self._finish("lost", None, f"no session on the open connection: {reason}")

    def _session_deadline(self) -> float:
        """Until when to wait for room: others' sessions may be long, so at least half a minute."""
        return self._deadline + 30.0

    def _unlink_dead(self) -> None:
        try:
            os.unlink(self._path)
        except OSError:
            return

    def _rewarm(self) -> None:
        if self._rewarmed:
            self._finish("lost", None, "no session on a connection that has just been made")
            return
        self._rewarmed = True
        self._patience.cancel()

        def ready() -> None:
            self._deadline = self._engine.reactor.now() + self._allowed()
            self._patience = self._engine.reactor.at(self._deadline, self._no_session)
            self._paths = [self._target.control]
            self.begin()

        self._engine.warm(
            self._task.node, ready, lambda why: self._finish(why.kind, None, why.reason, why.hint)
        )

    def _doubt(self) -> None:
        """Look past a silent master whether the node itself answers, so as to know at the deadline."""
        if self._over or self._opened or self._target.via:
            return

        def answer(rung: str, _address: str, _reason: str) -> None:
            self._answers = rung == "up"

        self._engine.knock(self._task.node, self._target, answer)

    def _no_session(self) -> None:
        """The master lives, but no session came of it in time: the network behind it is gone, or was.

        Our own master is ended, not only left: it would ask for the session once the network is
        back, and the command would run after all, or twice.
        """
        if self._over or self._opened or self._waits_for_room or self._to_end:
            return
        if self._session:
            self._session.close()
        stood = "has just been made" if self._alias in self._engine.fresh else "stood before"
        reason = f"no answer in {self._allowed():g} s over a connection that {stood}"
        if self._path != self._target.control:
            self._finish("unreachable", None, f"{reason}; should it come back, the command may begin")
            return
        stop_master(self._path, timeout=0.5)
        if self._answers or self._target.via:
            self._rewarm()
        else:
            self._finish("unreachable", None, reason)

    # -- running -------------------------------------------------------------------------------

    def opened(self) -> None:
        """The server opened the session."""
        self._opened = True
        self._patience.cancel()
        self._listener.opened()

    def output(self, stream: str, data: bytes) -> None:
        """Pass output on, without the marker."""
        if self._over:
            return
        if stream == "stderr" and not self._scanner.pid:
            data = self._scanner.feed(data)
            self._look_at_marker(data)
        if data:
            self._listener.output(stream, data)

    def _look_at_marker(self, data: bytes) -> None:
        if not self._scanner.pid:
            self._said = (self._said + data)[-500:]
            return
        if self._scanner.shell:
            self._engine.learned(self._alias, self._scanner.shell)
        self._listener.started(self._scanner.pid)
        if self._to_end:
            grace, done = self._to_end
            self._to_end = None
            self.end(grace, done)

    def ended(self, code: int | None) -> None:
        """All output has come: say what it means."""
        if self._over:
            return
        rest = self._scanner.rest()
        if rest:
            self._listener.output("stderr", rest)
        if code is None:
            self._engine.reactor.after(_LOOK_AT_MASTER, self._without_code)
        elif not self._scanner.pid and not _SYNTAX.search(self._said + rest):
            reason = f"the login shell ended with code {code} before it came to the command"
            self._finish("shell-broken", code, reason, self._shell_hint())
        elif code:
            self._finish("failed", code, _exit_reason(code))
        else:
            self._finish("ok", 0, "")

    def _shell_hint(self) -> str:
        return f"look for 'exit' or 'exec' in the start-up files of {self._target.shell or 'its shell'}"

    def _without_code(self) -> None:
        if not master_answers(self._path):
            self._finish("lost", None, "the connection was lost while the command ran")
        elif not self._scanner.pid:
            self._finish("shell-broken", None, "the login shell was killed before it came to the command")
        else:
            self._finish("signalled", None, "killed by a signal")

    def _finish(self, kind: str, code: int | None, reason: str, hint: str = "") -> None:
        if self._over:
            return
        self._over = True
        self._patience.cancel()
        self._listener.ended(kind, code, reason, hint)
        if self._to_end:
            self._to_end[1]("had ended already" if self._opened else "")

    # -- ending --------------------------------------------------------------------------------

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        """End the process group by a second session on the same master."""
        if self._over or self._session is None or self._waits_for_room:
            self.abandon()
            done("")
            return
        if not self._scanner.pid:
            self._to_end = (grace, done)
            self._engine.reactor.after(min(grace, _WORD_OF_BEGINNING), self._no_word)
            return
        from stentor.fanout.ending import Ending

        ending = Ending(
            self._engine,
            self._task.node,
            self._path,
            self._scanner.pid,
            grace,
            lambda word: self._ended_by(word, done),
        )
        ending.begin()

    def _no_word(self) -> None:
        """It was to be ended and never told its process number."""
        if self._over or self._to_end is None:
            return
        _, done = self._to_end
        self._to_end = None
        self.abandon()
        if self._opened:
            done("may still run: its login shell had not come to the command")
        else:
            done("may begin yet: the node had not answered")

    def _never_began(self) -> None:
        """It was to be ended, and the master refused the session."""
        if self._to_end:
            _, done = self._to_end
            self._to_end = None
            self.abandon()
            done("")

    def _ended_by(self, word: str, done: Callable[[str], None]) -> None:
        """Give the last output a moment to arrive, then close."""
        give_up = self._engine.reactor.now() + 0.5

        def look() -> None:
            closed = self._over or self._session is None or self._session.closed
            if not closed and self._engine.reactor.now() < give_up:
                self._engine.reactor.after(0.01, look)
                return
            self.abandon()
            done(word)

        look()

    def abandon(self) -> None:
        """Let go; a command that runs goes on."""
        self._over = True
        self._patience.cancel()
        if self._session is not None:
            self._session.close()


def _exit_reason(code: int) -> str:
    """Say what an exit code means; over 128 the shell reports a signal that way."""
    if code <= 128 or code > 192:
        return f"exit code {code}"
    import signal

    try:
        return f"exit code {code} (128 + {signal.Signals(code - 128).name})"
    except ValueError:
        return f"exit code {code}"
