"""Engine ``openssh``: the user's own ssh logs in once and stays; commands go to it as messages.

To get a node ready: what ssh makes of its name (remembered), a master that listens already, else a
login. Many cold nodes are first knocked at all together, so that those which are down cost one
timeout in all and no place in the queue of logins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from stentor.fanout.asking import Ask, Asking
from stentor.fanout.command import RemoteCommand
from stentor.fanout.engine import Failure, Listener, Running
from stentor.fanout.events import Event, LoggedIn
from stentor.fanout.task import Settings, Task
from stentor.fleet.model import Fleet, Node
from stentor.ssh.diagnose import Diagnosis, hint_for
from stentor.ssh.master import Doorkeeper, Login, readable_login
from stentor.ssh.reactor import Reactor
from stentor.ssh.rundir import Known, mentions_control_path, run_directory
from stentor.ssh.target import Target, config_argv, destination, master_argv, parse_config, target_of
from stentor.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stentor.fanout.knock import Answer, Knocking

# Processes of `ssh -G` at once; each takes some 4 ms of one core.
_QUESTIONS_AT_ONCE = 8
_PERSIST = 600


class _Wish(NamedTuple):
    node: Node
    ready: Callable[[], None]
    failed: Callable[[Failure], None]


class OpensshEngine:
    """Masters and the multiplexing protocol.

    Args:
        reactor: what waits for us.
        fleet: where the nodes are from.
        settings: the limits.
        environ: the environment of ssh.
        word: random letters, new with each operation, which mark our line in a node's stderr.
        ask: the way to a person at a terminal, where there is one.
        tell: takes what is to be said beside the commands: logins, where they are asked for.
        stopped: whether the operation is to end, told before that is begun.
    """

    name = "openssh"

    def __init__(
        self,
        reactor: Reactor,
        fleet: Fleet,
        settings: Settings,
        environ: Mapping[str, str],
        word: str,
        ask: Ask | None = None,
        tell: Callable[[Event], None] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.reactor = reactor
        self.fleet = fleet
        self.settings = settings
        self.environ = environ
        self.word = word
        self.known = Known(run_directory(environ, fleet.root))
        self.targets: dict[str, Target] = {}
        self.fresh: set[str] = set()  # logged in to by this operation
        self.requests: dict[tuple[str, str, bool], bytes] = {}
        self.asking = Asking(reactor, ask, fleet.nodes, stopped)
        self._tell = tell
        self._knocking: Knocking | None = None
        self._questions: list[Callable[[], None]] = []
        self._asking = 0
        self._cold: list[tuple[_Wish, Target]] = []
        self._gathering = False
        self._keeper: Doorkeeper | None = None

    def describe(self, node: Node) -> str:
        """Say how the node would be reached: by a warm connection, or by which login."""
        target = self.known.get(node.alias, self._words(node))
        if target and any(path and os.path.exists(path) for path in (target.own_control, target.control)):
            return "warm connection"
        if target is None:
            from stentor.sh.quoting import quote

            return "login: ssh " + " ".join(quote(word) for word in self._words(node) if word != "--")
        way = node.jump or ("a ProxyCommand" if target.via == "proxy" else target.via)
        via = f" via {way}" if way else ""
        return f"login: {target.user}@{target.hostname} port {target.port}{via}"

    def _words(self, node: Node) -> list[str]:
        return destination(self.fleet, node, user=self.settings.user)

    # -- getting ready -------------------------------------------------------------------------

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """See that a master listens for this node."""
        wish = _Wish(node, ready, failed)
        target = self.known.get(node.alias, self._words(node))
        if target is None:
            self._ask(wish)
        else:
            self._resolved(wish, target)

    def _ask(self, wish: _Wish) -> None:
        """Ask ``ssh -G`` what it makes of the node, not too many at once."""
        if self._asking >= _QUESTIONS_AT_ONCE:
            self._questions.append(lambda: self._ask(wish))
            return
        self._asking += 1

        def answered(settings: dict[str, str], files: list[str], said: str) -> None:
            self.known.rests_on(files)
            if "hostname" not in settings:
                self._answered()
                reason = next(
                    (line for line in reversed(said.splitlines()) if line.strip()), "ssh -G says nothing"
                )
                wish.failed(
                    Diagnosis("denied", reason, "ssh rejects its configuration; mend it, then try again")
                )
                return
            target = target_of(settings, settings.get("controlpath", ""))
            if mentions_control_path(files):
                question(None, lambda own, _files, _said: keep(target, own.get("controlpath", "none")))
            else:
                keep(target, "none")

        def keep(target: Target, own: str) -> None:
            self._answered()
            target = target._replace(own_control="" if own == "none" else own)
            self.known.put(wish.node.alias, self._words(wish.node), target)
            self._resolved(wish, target)

        def question(control: str | None, then: Callable[[dict[str, str], list[str], str], None]) -> None:
            from stentor.ssh.child import Child

            chunks: list[bytes] = []
            argv = config_argv(self.fleet, wish.node, control=control, user=self.settings.user)

            def done(_: int) -> None:
                said = b"".join(chunks).decode("utf-8", "replace")
                settings, files = parse_config(said)
                files += [] if self.fleet.ssh_config else self._usual_files()
                then(settings, files, said)

            Child(self.reactor, argv, self.environ, done, output=chunks.append)

        question(f"{self.known.directory}/%C", answered)

    def _usual_files(self) -> list[str]:
        """Files which ssh would read if they were there."""
        home = self.environ.get("HOME", "")
        return [f"{home}/.ssh/config", "/etc/ssh/ssh_config"]

    def _answered(self) -> None:
        self._asking -= 1
        if self._questions:
            self._questions.pop(0)()

    def _resolved(self, wish: _Wish, target: Target) -> None:
        self.targets[wish.node.alias] = target
        if (target.own_control and os.path.exists(target.own_control)) or os.path.exists(target.control):
            self.asking.ready(wish.ready)
        else:
            self.asking.cold(wish.node)
            self.warm(wish.node, wish.ready, wish.failed)

    def warm(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Log in to a node which has no master, or whose master turned out to be dead."""
        # All cold nodes of this moment are looked at together.
        self._cold.append((_Wish(node, ready, failed), self.targets[node.alias]))
        if not self._gathering:
            self._gathering = True
            self.reactor.soon(self._log_in)

    def _log_in(self) -> None:
        self._gathering = False
        if self._asking:
            self.warm_later()
            return
        cold, self._cold = self._cold, []
        keeper = self._doorkeeper()
        # A login that begins at once times out with all the others; only those which would have to
        # wait for a place are knocked at first, as that costs their servers one more connection. A
        # node that is expected down is not to be waited for as long as one whose silence is news.
        room = keeper.room
        for wish, target in cold:
            direct = len(wish.node.addresses) < 2 and not wish.node.expected_down
            if target.via or (direct and room > 0):
                room -= 1
                self._log_in_to(wish, target, None)
            else:
                self._knock(wish, target)

    def _doorkeeper(self) -> Doorkeeper:
        if self._keeper is None:
            self._keeper = Doorkeeper(
                self.reactor,
                self.fleet,
                self.environ,
                connect_timeout=self.settings.connect_timeout,
                persist=_PERSIST,
                user=self.settings.user,
                said=self._said if self.settings.verbose else None,
            )
        return self._keeper

    def _said(self, alias: str, said: str) -> None:
        if self._tell:
            self._tell(LoggedIn(alias, said))

    def warm_later(self) -> None:
        """Wait for the questions under way, so that cold nodes are knocked at together."""
        self._gathering = True
        self.reactor.after(0.005, self._log_in)

    def _knock(self, wish: _Wish, target: Target) -> None:
        """See whether a node answers at all before it takes a place among the logins."""

        def answer(rung: str, address: str, reason: str) -> None:
            if rung == "up":
                self._log_in_to(wish, target, address if wish.node.addresses else None)
                return
            login = readable_login(self.fleet, wish.node, self.settings.user)
            wish.failed(Diagnosis(rung, reason, hint_for(rung, login, wish.node.alias)))
            self.asking.settled(wish.node)

        self.knock(wish.node, target, answer)

    def knock(self, node: Node, target: Target, answer: Answer) -> None:
        """Find out how far a node can be reached without a login; ``answer`` as of ``Knocking.add``."""
        if self._knocking is None:
            from stentor.fanout.knock import Knocking

            self._knocking = Knocking(self.reactor, self.settings.connect_timeout)
        addresses = node.addresses or (target.hostname,)
        self._knocking.add(node.alias, addresses, target.port, answer, expected_down=node.expected_down)

    def _log_in_to(self, wish: _Wish, target: Target, address: str | None) -> None:
        def done(diagnosis: Diagnosis | None) -> None:
            if diagnosis is None:
                self.fresh.add(wish.node.alias)
                self.asking.ready(wish.ready)
            elif not self.asking.wanted(
                wish.node, diagnosis, argv(), wish.ready, lambda: wish.failed(diagnosis)
            ):
                wish.failed(diagnosis)
            self.asking.settled(wish.node)

        def argv() -> list[str]:
            limit, user = self.settings.connect_timeout, self.settings.user
            return master_argv(
                self.fleet,
                wish.node,
                target,
                connect_timeout=limit,
                persist=_PERSIST,
                user=user,
                address=address,
                interactive=True,
            )

        self._doorkeeper().login(Login(wish.node, target, address, done))

    # -- running -------------------------------------------------------------------------------

    def start(self, task: Task, listener: Listener) -> Running:
        """Start a command over the node's master."""
        command = RemoteCommand(self, task, listener)
        command.begin()
        return command

    def learned(self, alias: str, shell: str) -> None:
        """Remember a node's login shell: the next command to it needs one process less."""
        target = self.targets[alias]
        if target.shell != shell:
            self.targets[alias] = target = target._replace(shell=shell)
            self.known.put(alias, self._words(self.fleet.nodes[alias]), target)

    def close(self) -> None:
        """End logins under way; masters stay."""
        if self._knocking is not None:
            self._knocking.close()
        if self._keeper is not None:
            self._keeper.stop()
        self.known.save()
