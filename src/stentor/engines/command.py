"""One command on one node over a master: carries out what :mod:`stentor.engines.dialogue` decides."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from stentor.engines.dialogue import Dialogue
from stentor.fanout.task import Task
from stentor.ssh.master import master_answers, stop_master
from stentor.ssh.reactor import Timer
from stentor.ssh.session import Session
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.engines.dialogue_words import Event, Verb
    from stentor.engines.link import Link
    from stentor.fanout.engine import Failure, Listener
    from stentor.ssh.endpoint import Reached

_STOP_MASTER = 0.5  # seconds that a silent master gets to answer


class RemoteCommand:
    """The session of a command, and what else it takes."""

    def __init__(self, link: Link, task: Task, listener: Listener) -> None:
        target = link.target(task.node.alias)
        self._link = link
        self._task = task
        self._listener = listener
        self._session: Session | None = None
        self._stopped: Callable[[str], None] | None = None
        self._timers: list[Timer] = []
        self._asked: float | None = None  # when, after a login of this fan-out
        self._dialogue = Dialogue(
            link.word,
            [path for path in (target.own_control, target.control) if path and os.path.exists(path)],
            target.control,
            connect_timeout=link.connect_timeout,
            fresh=task.node.alias in link.fresh,
            direct=not target.via,
            shell=target.shell,
        )

    def begin(self) -> None:
        """Ask for the session."""
        if self._task.node.alias in self._link.fresh:
            self._asked = self._link.reactor.now()
        self._receive("begin")

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        """End the process group by a second session on the same master."""
        self._stopped = done
        self._receive("stop", grace)

    def abandon(self) -> None:
        self._dialogue.state = "over"
        self._close()
        self._forget_timers()

    # What the session tells.

    def opened(self) -> None:
        self._receive("opened")

    def output(self, stream: str, data: bytes) -> None:
        """Bytes came; those of a command that runs go straight to the listener."""
        if self._dialogue.state == "running":
            self._listener.output(stream, data)
        else:
            self._receive("data", stream, data)

    def ended(self, code: int | None) -> None:
        self._receive("ended", code)

    def not_opened(self, master: bool, reason: str) -> None:
        if master and self._session:
            self._receive("refused", reason, os.path.exists(self._session.path))
        else:
            self._receive("dead")

    # What the dialogue decides.

    def _receive(self, event: Event, *arguments: Any) -> None:
        for verb, *details in self._dialogue.receive(event, *arguments):
            _DO[verb](self, *details)
        if self._dialogue.state == "over":
            self._forget_timers()

    def _forget_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _open(self, path: str) -> None:
        link, task = self._link, self._task
        self._session = Session(link.reactor, path, link.request(task), self, task.path, wide=link.bulk)
        self._session.open()

    def _unlink(self, path: str) -> None:
        with suppress(OSError):  # another stentor was faster
            os.unlink(path)

    def _stop_master(self, path: str) -> None:
        stop_master(path, timeout=_STOP_MASTER)

    def _log_in(self) -> None:
        def failed(why: Failure) -> None:
            self._receive("login-failed", why.kind, why.reason, why.hint)

        self._link.warm(self._task.node, lambda: self._receive("logged-in"), failed)

    def _probe(self) -> None:
        def answer(reached: Reached) -> None:
            self._receive("reachable", reached.level == "up")

        self._link.probe(self._task.node, answer)

    def _wait(self, seconds: float, event: Event, *arguments: Any) -> None:
        self._timers.append(self._link.reactor.after(seconds, partial(self._receive, event, *arguments)))

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _end_group(self, path: str, pid: int, grace: float) -> None:
        from stentor.engines.ending import Ending
        from stentor.fanout.reap import MARK

        def done(word: str) -> None:
            self._receive("group-ended", word)

        word = self._task.environment.get(MARK, "")
        mark = f"{MARK}={word}" if word else ""
        Ending(self._link, self._task.node, path, pid, grace, done, mark=mark).begin()

    def _tell_started(self, pid: int) -> None:
        if self._asked is not None:
            seconds = self._link.reactor.now() - self._asked
            self._link.came_to_command(self._task.node.alias, seconds)
        self._listener.started(pid)

    def _tell_stopped(self, word: str) -> None:
        if self._stopped:
            self._stopped(word)


_DO: dict[Verb, Callable[..., None]] = {
    "open": RemoteCommand._open,
    "unlink": RemoteCommand._unlink,
    "stop-master": RemoteCommand._stop_master,
    "ask-master": lambda self, path: self._receive("master-answers", bool(master_answers(path))),
    "log-in": RemoteCommand._log_in,
    "probe": RemoteCommand._probe,
    "wait": RemoteCommand._wait,
    "close": RemoteCommand._close,
    "end-group": RemoteCommand._end_group,
    "learn": lambda self, shell: self._link.learned(self._task.node.alias, shell),
    "tell-opened": lambda self: self._listener.opened(),
    "tell-started": RemoteCommand._tell_started,
    "tell-output": lambda self, stream, data: self._listener.output(stream, data),
    "tell-ended": lambda self, *said: self._listener.ended(*said),
    "tell-stopped": RemoteCommand._tell_stopped,
}
