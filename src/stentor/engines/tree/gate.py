"""One gateway of a fan-out: from its login to its failure, and the nodes that wait for a slot behind it.

new ──▶ logging in ──▶ starting ──▶ serving
         │               │            │
         └───────────────┴────────────┴──▶ failed: its waiting nodes go to other gateways
"""

from __future__ import annotations

import os
from collections import deque

from stentor.engines.tree import gateway
from stentor.fleet.model import Node
from stentor.typed import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stentor.engines.tree.link import CommandLink, EngineLink, Waiting
    from stentor.fanout.engine import Failure

_SILENT = 8.0  # seconds beyond the connect timeout; it is asked for an answer every three
_SAID = 4000
_REFILL = 0.1  # seconds in which those that end are gathered, before others take their place


class Gate:
    """A gateway."""

    def __init__(self, engine: EngineLink, node: Node) -> None:
        self.node = node  # the gateway
        self.state: Literal["new", "logging-in", "starting", "serving", "failed"] = "new"  # how far it is
        self.reason = ""  # why it failed; empty as long as it has not
        self.hint = ""  # what to do about that
        self.lacks = False  # whether it failed since it has no ClusterShell, or none that serves
        self.commands: set[CommandLink] = set()  # what runs behind it
        self._engine = engine
        self._waiting: deque[Waiting] = deque()
        self._running: set[str] = set()
        self._said = ""
        self._stated: gateway.Said | None = None  # what it said of itself, at first
        self._refill = False
        self._since = engine.reactor.now()
        self.failed_at = 0.0  # when it failed, by the reactor's clock

    @property
    def load(self) -> int:
        """How many nodes it serves or has waiting."""
        return len(self._waiting) + len(self._running)

    # -- getting ready -------------------------------------------------------------------------

    def wait(self, waiting: Waiting) -> None:
        """Take a node; it is told when there is a slot, or goes elsewhere."""
        self._waiting.append(waiting)
        if self.state == "new":
            self.state = "logging-in"
            self._engine.channel()  # begins while the gateway is logged in to
            flat = self._engine.flat
            self._engine.reactor.on_behalf(None, flat.prepare, self.node, self._logged_in, self._no_login)
        elif self.state == "serving":
            self._fill()

    def _no_login(self, failure: Failure) -> None:
        self.fail(failure.reason, failure.hint)

    def _logged_in(self) -> None:
        from stentor.ssh.target import login_argv

        if self.state != "logging-in":
            return
        master = self._master()
        if master is None:
            self.fail("the connection to it ended before it was used")
            return
        self.state = "starting"
        self._since = self._engine.reactor.now()
        engine = self._engine
        argv = login_argv(
            engine.context.fleet,
            self.node,
            user=engine.context.settings.user,
            control=master,
            options=("-T", "-o", "BatchMode=yes", "-o", "RemoteCommand=none"),
        )
        command = gateway.command(engine.word, serve=True, mark=engine.word)
        engine.channel().ask({"gateway": self.node.alias, "argv": argv, "command": command})

    def _master(self) -> str | None:
        """Return the socket of the connection that is open; None where it has ended."""
        target = self._engine.flat.target(self.node.alias)
        paths = (target.own_control, target.control)
        return next((path for path in paths if path and os.path.exists(path)), None)

    def serves(self) -> None:
        """It has answered over its channel."""
        if self.state == "starting":
            self.state = "serving"
            self.heard()
            self._fill()

    def _fill(self) -> None:
        self._refill = False
        while self._waiting and self.state == "serving" and len(self._running) < self._engine.window:
            waiting = self._waiting.popleft()
            self._running.add(waiting.node.alias)
            self._engine.reactor.on_behalf(waiting.owner, waiting.ready)

    def leave(self, command: CommandLink) -> None:
        """A command has ended: there is a slot for another."""
        self.commands.discard(command)
        self._running.discard(command.task.node.alias)
        if self.state != "serving" or not self._waiting or self._refill:
            return
        # Those that are let in together are one message, and one run that the gateway keeps.
        self._refill = True
        reactor, free = self._engine.reactor, self._engine.window - len(self._running)
        if free >= min(len(self._waiting), max(1, self._engine.window // 4)):
            reactor.on_behalf(None, reactor.soon, self._fill)
        else:
            reactor.on_behalf(None, reactor.after, _REFILL, self._fill)

    # -- what it tells -------------------------------------------------------------------------

    def said(self, line: str) -> None:
        """Keep what came on its stderr: its last, and what it said of itself."""
        self._stated = self._stated or gateway.read(self._engine.word, line)
        self._said = f"{self._said}{line}\n"[-_SAID:]
        self.heard()

    def heard(self) -> None:
        """It answers."""
        if self.state != "starting":
            self._since = self._engine.reactor.now()

    def lost(self) -> None:
        """Its channel is closed."""
        if self.state in ("new", "logging-in"):  # that of an earlier try
            return
        said = self._stated
        if said and said.lack:
            self.lacks = True
            self.fail(said.reason, gateway.next_step(said, self.node.alias))
            return
        reason = gateway.reason_of(self._engine.word, self._said)
        self.fail(reason if self.state == "starting" else f"the connection to it was lost: {reason}")

    def look(self) -> None:
        """Give it up if it is silent for too long."""
        if self.state not in ("starting", "serving") or (self.state == "serving" and not self.commands):
            self._since = self._engine.reactor.now() if self.state == "serving" else self._since
            return
        limit = self._engine.context.settings.connect_timeout + _SILENT
        if self._engine.reactor.now() - self._since > limit:
            self.fail(f"it stopped answering {limit:g} s ago")
            self._engine.channel().ask({"close": self.node.alias})
            self._end_processes()

    def _end_processes(self) -> None:
        """What hangs there must not go on later; the master may still reach it."""
        from stentor.engines.ending import Ending

        master, pid = self._master(), self._stated.pid if self._stated else 0
        if not pid or master is None:
            return
        mark = f"STENTOR_RUN={self._engine.word}"
        Ending(self._engine.flat, self.node, master, pid, 1.0, lambda _: None, mark=mark).begin()

    def fail(self, reason: str, hint: str = "") -> None:
        """It cannot serve any more: only its own nodes are concerned."""
        if self.state == "failed":
            return
        begun = self.state == "serving"
        self.state, self.reason, self.hint = "failed", reason, hint
        self.failed_at = self._engine.reactor.now()
        self._engine.gateway_failed(self)
        waiting, self._waiting = self._waiting, deque()
        for one in waiting:
            self._engine.place(one)
        if begun:
            for command in list(self.commands):
                self._engine.reactor.on_behalf(command.owner, command.gateway_lost)
