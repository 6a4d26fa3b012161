"""One command on one node behind a gateway."""

from __future__ import annotations

import re
from collections.abc import Callable

from stentor.engines.tree.leaf import Answer, Login, decoded
from stentor.engines.tree.routes import name_on_gateway
from stentor.fanout.reap import MARK, became
from stentor.fanout.task import Task
from stentor.outcome import Kind
from stentor.ssh.reactor import Timer
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.tree.link import EngineLink, GateLink
    from stentor.fanout.engine import Failure, Listener

# A gateway logs in to many nodes at once, which keeps it and their servers busy: seconds beyond the timeout.
_BEGINS = 20.0
_MARKER_COMES = 2.0  # seconds for a command that is to be ended before it was heard of
_ANSWER = 15.0  # seconds beyond the grace until the node must have said what came of ending it
_LAST_OUTPUT = 1.0  # seconds for the last output of a command that was ended
_NO_SSH = re.compile(r"\bssh: (?:\S+ )?not found|ssh: No such file")


class TreeCommand:
    """What was asked of a node, and how far it is."""

    def __init__(self, engine: EngineLink, task: Task, listener: Listener) -> None:
        settings, policy = engine.context.settings, engine.context.fleet.policy.tree
        self.task = task
        self.host = name_on_gateway(task.node)  # what its gateway calls the node
        # How its gateway logs in.
        self.login = Login(settings.user or task.node.user, task.node.port, policy.config)
        self.gate: GateLink
        self.owner = engine.reactor.owner
        self.answer = Answer(engine.word)  # what the node has said
        self.grace = 0.0  # between TERM and KILL, once it is to be ended
        word = task.environment.get(MARK, "")
        self.mark = f"{MARK}={word}" if word else ""  # in the environment of its processes; may be empty
        self._engine = engine
        self._listener = listener
        self.over = False  # whether its outcome was told
        self._sent = False
        self._closed = False
        self._stopped: Callable[[str], None] | None = None
        self._remote = ""
        self._timer: Timer | None = None

    # -- what the engine tells -----------------------------------------------------------------

    def behind(self, gate: GateLink) -> None:
        """Its gateway is this one."""
        self.gate = gate
        gate.commands.add(self)

    def not_reached(self, failure: Failure) -> None:
        """None of its gateways is left, before it was sent."""
        if not self.over:
            self._finish()
            self._listener.ended(failure.kind, None, failure.reason, failure.hint)

    def sent(self) -> None:
        """It is on its way."""
        self._sent = True
        limit = self._engine.context.settings.connect_timeout + _BEGINS
        self._engine.reactor.on_behalf(self.owner, self._wait, limit, self._never_began)

    def told(self, kind: str, rest: str | int) -> None:
        """Take an event of the node: a piece of ``o`` or ``e``, or the exit code of ssh."""
        if self.over:
            return
        if isinstance(rest, int):
            self._ssh_ended(rest)
            return
        begun, stream = bool(self.answer.pid), "stdout" if kind == "o" else "stderr"
        data = self.answer.read(stream, decoded(rest))
        if not begun and self.answer.pid:
            self._begins()
        if data:
            self._listener.output(stream, data)

    def _begins(self) -> None:
        self._forget_timer()
        self._listener.opened()
        self._listener.started(self.answer.pid)
        if self._stopped:
            self._end_group()

    def _ssh_ended(self, code: int) -> None:
        for stream, data in self.answer.rest():
            self._listener.output(stream, data)
        if self._stopped:
            self._closed = True
            if self._remote or not self.answer.pid:
                self._stop(self._remote)
            return
        kind, number, reason, hint = self._outcome(code)
        self._finish()
        self._listener.ended(kind, number, reason, hint)

    def _outcome(self, code: int) -> tuple[Kind, int | None, str, str]:
        from stentor.engines.verdict import verdict

        answer, behind = self.answer, f"behind {self.gate.node.alias}"
        if answer.code is not None:
            return verdict(answer.code, b"", begun=True, shell="")
        if answer.pid and code == 255:
            said = answer.said.strip().rpartition("\n")[2]
            return "lost", None, f"{behind}: the connection was lost while the command ran", said
        if answer.pid:
            return "signalled", None, "killed by a signal", ""
        if code == 127 and _NO_SSH.search(answer.said):
            return "denied", None, f"{behind}, where ssh is not installed", ""
        if code == 255:
            return self._not_reached()
        return verdict(code, answer.said.encode(), begun=False, shell="")

    def _not_reached(self) -> tuple[Kind, int | None, str, str]:
        from stentor.ssh.diagnose import diagnose

        gateway, seconds = self.gate.node.alias, self._engine.context.settings.connect_timeout
        login = f"stentor run {gateway} 'ssh -v {self.host} true'"
        found = diagnose(self.answer.said, login=login, alias=self.task.node.alias, seconds=seconds)
        if found.kind in ("host-key-unknown", "host-key-changed"):
            hint = f"its key is one of {gateway}'s known_hosts: {login}"
            return found.kind, None, f"behind {gateway}: {found.reason}", hint
        return found.kind, None, f"behind {gateway}: {found.reason}", found.hint

    def _never_began(self) -> None:
        limit = self._engine.context.settings.connect_timeout + _BEGINS
        self._finish()
        reason = f"behind {self.gate.node.alias}: the command did not begin in {limit:g} s; it may begin yet"
        self._listener.ended("lost", None, reason)

    def gateway_lost(self) -> None:
        """Its gateway failed. If the command was sent, nobody else may send it again."""
        if self.over or not self._sent:  # the engine sends it by another gateway
            return
        reason = f"gateway {self.gate.node.alias}: {self.gate.reason}"
        if self._stopped:
            self._stop(f"may still run: {reason}")
            return
        self._finish()
        if not self.answer.pid:
            reason += "; it is not known whether the command began"
        self._listener.ended("lost", None, reason, f"stentor gateway check {self.gate.node.alias}")

    # -- its end -------------------------------------------------------------------------------

    def end(self, grace: float, done: Callable[[str], None]) -> None:
        """End the process group on the node by a second command through the gateway."""
        self.grace, self._stopped = grace, done
        self._engine.unsend(self)
        if self.over or not self._sent:
            self._stop("")
        elif self.answer.pid:
            self._end_group()
        else:
            self._wait(
                min(grace, _MARKER_COMES), lambda: self._stop("may begin yet: the node had not answered")
            )

    def _end_group(self) -> None:
        late = "may still run: the node did not answer when it was to be ended"
        self._wait(self.grace + _ANSWER, lambda: self._stop(late))
        self._engine.end(self)

    def group_ended(self, word: str) -> None:
        """The node said what came of ending it."""
        if self.over:
            return
        self._remote = became(word)
        if self._closed:
            self._stop(self._remote)
        else:
            self._wait(_LAST_OUTPUT, lambda: self._stop(self._remote))

    def _stop(self, word: str) -> None:
        self._finish()
        if self._stopped:
            self._stopped(word)

    def abandon(self) -> None:
        self._engine.unsend(self)
        self._finish()

    def _finish(self) -> None:
        self._forget_timer()
        if not self.over:
            self.over = True
            self.gate.leave(self)

    def _wait(self, seconds: float, callback: Callable[[], None]) -> None:
        self._forget_timer()
        self._timer = self._engine.reactor.after(seconds, callback)

    def _forget_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
