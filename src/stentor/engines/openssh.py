"""Engine ``openssh``: the user's own ssh logs in once and stays; commands go to it as messages.

To get a node ready: what ssh makes of its name (remembered), a master that listens already, else a
login. Connections to many cold nodes are first probed all together, so that those which are down cost
one timeout in all and no place in the queue of logins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from stentor import shells
from stentor.engines.command import RemoteCommand
from stentor.errors import UsageError
from stentor.fanout.context import EngineContext
from stentor.fanout.events import LoggedIn, LoginWaits
from stentor.fanout.task import Task
from stentor.fleet.model import Fleet, Node
from stentor.ssh import marker, mux
from stentor.ssh.reactor import Owner
from stentor.ssh.rundir import Known, run_directory
from stentor.ssh.target import Target, destination, master_argv, question_argv
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.engines.prompts import Prompts
    from stentor.engines.resolve import Resolve
    from stentor.fanout.engine import Engine, Failure, Listener, Running
    from stentor.ssh.child import Child
    from stentor.ssh.diagnose import Diagnosis
    from stentor.ssh.endpoint import Reached
    from stentor.ssh.login_queue import LoginQueue
    from stentor.ssh.login_times import LoginTimes
    from stentor.ssh.reach import Reach

_PERSIST = 600
# Linux gives a command line, as one argument, 128 KiB; the server's shell gets it as one.
LONGEST_COMMAND = 120_000
_TOGETHER = 0.005  # seconds until it is looked again whether `ssh -G` has answered for all


def make(context: EngineContext) -> Engine:
    """Make the engine for one fan-out."""
    return OpensshEngine(context)


class _Wanted:
    """A node that is to be made ready, who is told, and to whom exceptions belong."""

    __slots__ = ("failed", "node", "owner", "ready")

    def __init__(
        self,
        node: Node,
        ready: Callable[[], None],
        failed: Callable[[Failure], None],
        owner: Owner | None,
    ) -> None:
        self.node = node
        self.ready = ready
        self.failed = failed
        self.owner = owner


class OpensshEngine:
    """Masters and the multiplexing protocol; the ``Link`` of its commands."""

    own_window = False

    def __init__(self, context: EngineContext) -> None:
        self.reactor = context.reactor
        self.connect_timeout = context.settings.connect_timeout
        self.bulk = context.settings.bulk
        self.word = "stentor-" + os.urandom(8).hex()
        self.fresh: set[str] = set()
        self._context = context
        self._fleet = context.fleet
        self._user = context.settings.user
        self._known = Known(run_directory(context.environ, context.fleet.root))
        self._targets: dict[str, Target] = {}
        self._requests: dict[tuple[str, str, bool], bytes] = {}
        self._cold: list[_Wanted] = []
        self._gathering = False
        # Made with the first node that is not warm.
        self._resolve: Resolve | None = None
        self._prompts: Prompts | None = None
        self._reach: Reach | None = None
        self._logins: LoginQueue | None = None
        self._times: LoginTimes | None = None

    def describe(self, node: Node) -> str:
        """Say how the node would be reached: by a warm connection, or by which login."""
        target = self._known.get(node.alias, self._words(node))
        if target and _has_master(target):
            return "warm connection"
        if target is None:
            from stentor.sh.quoting import quote

            return "login: ssh " + " ".join(quote(word) for word in self._words(node) if word != "--")
        way = node.jump or ("a ProxyCommand" if target.via == "proxy" else target.via)
        via = f" via {way}" if way else ""
        return f"login: {target.user}@{target.hostname} port {target.port}{via}"

    def _words(self, node: Node) -> list[str]:
        return destination(self._fleet, node, user=self._user)

    # -- getting ready -------------------------------------------------------------------------

    def prepare(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        wanted = _Wanted(node, ready, failed, self.reactor.owner)
        target = self._known.get(node.alias, self._words(node))
        if target is not None:
            self._resolved(wanted, target)
            return
        if self._resolve is None:
            from stentor.engines.resolve import Resolve

            self._resolve = Resolve(self._context, self._known)
        self._resolve.ask(node, lambda target: self._resolved(wanted, target), failed)

    def _resolved(self, wanted: _Wanted, target: Target) -> None:
        self._targets[wanted.node.alias] = target
        if not _has_master(target):
            self._get_prompts().cold(wanted.node)
            self._warm(wanted)
        elif self._prompts:
            self._prompts.ready(wanted.ready)
        else:
            wanted.ready()

    def _get_prompts(self) -> Prompts:
        if self._prompts is None:
            from stentor.engines.prompts import Prompts

            context = self._context

            def tell(node: Node, why: Diagnosis) -> None:
                context.tell(LoginWaits(node.alias, why.reason))

            self._prompts = Prompts(self.reactor, context.ask, self._fleet.nodes, context.stopping, tell)
        return self._prompts

    def warm(self, node: Node, ready: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        """Log in to a node which has no master, or whose master turned out to be dead."""
        self._warm(_Wanted(node, ready, failed, self.reactor.owner))

    def _warm(self, wanted: _Wanted) -> None:
        # All cold nodes of this moment are looked at together, and not on behalf of one of them.
        self._cold.append(wanted)
        if not self._gathering:
            self._gathering = True
            self.reactor.on_behalf(None, self.reactor.soon, self._log_in_all)

    def _log_in_all(self) -> None:
        if self._resolve and self._resolve.busy:
            self.reactor.after(_TOGETHER, self._log_in_all)
            return
        self._gathering = False
        cold, self._cold = self._cold, []
        if len(cold) > 1:
            self._put_in_order(cold)
        # A login that begins at once times out with all the others; only those which would have to
        # wait for a place are probed first, as that costs their servers one more connection. A
        # node that is expected down is not to be waited for as long as one whose silence is news.
        free = self._login_queue().free
        for wanted in cold:
            direct = len(wanted.node.addresses) < 2 and not wanted.node.expected_down
            if self._targets[wanted.node.alias].via or (direct and free > 0):
                free -= 1
                self.reactor.on_behalf(wanted.owner, self._log_in, wanted, None)
            else:
                self.reactor.on_behalf(wanted.owner, self._probe_first, wanted)

    def _put_in_order(self, cold: list[_Wanted]) -> None:
        """Those whose login took long begin first, those that were down last."""
        from stentor.ssh.login_order import DOWN, places

        last = self._login_times().last()
        for wanted in cold:
            if wanted.node.expected_down:
                last.setdefault(wanted.node.alias, DOWN)
        place = places([wanted.node.alias for wanted in cold], last)
        cold.sort(key=lambda wanted: place[wanted.node.alias])

    def _login_times(self) -> LoginTimes:
        if self._times is None:
            from stentor.ssh.login_times import LoginTimes

            self._times = LoginTimes(self._known.directory)
        return self._times

    def _login_queue(self) -> LoginQueue:
        if self._logins is None:
            from stentor.ssh.login_queue import LoginQueue

            context = self._context
            self._logins = LoginQueue(
                self.reactor,
                self._fleet,
                context.environ,
                connect_timeout=self.connect_timeout,
                persist=_PERSIST,
                times=self._login_times(),
                user=self._user,
                said=self._logged_in if context.settings.verbose else None,
                descriptors=context.descriptors,
            )
        return self._logins

    def _logged_in(self, alias: str, said: str) -> None:
        self._context.tell(LoggedIn(alias, said))

    def _probe_first(self, wanted: _Wanted) -> None:
        """See whether a node answers at all before it takes a place among the logins."""
        node = wanted.node

        def answer(reached: Reached) -> None:
            if reached.level == "up":
                self._log_in(wanted, reached.address if node.addresses else None)
                return
            from stentor.ssh.diagnose import Diagnosis, hint_for
            from stentor.ssh.login_queue import readable_login

            self._login_times().down(node.alias)
            hint = hint_for(reached.level, readable_login(self._fleet, node, self._user), node.alias)
            wanted.failed(Diagnosis(reached.level, reached.reason, hint))
            self._get_prompts().settled(node)

        self.probe(node, answer)

    def probe(self, node: Node, answer: Callable[[Reached], None]) -> None:
        """Find out how far a node can be reached without a login."""
        from stentor.ssh.reach import PATIENCE_IF_EXPECTED_DOWN, Endpoint, Reach

        if self._reach is None:
            self._reach = Reach(
                self.reactor, timeout=self.connect_timeout, window=max(1, self._context.descriptors)
            )
        target = self._targets[node.alias]
        patience = min(self.connect_timeout, PATIENCE_IF_EXPECTED_DOWN) if node.expected_down else None
        addresses = node.addresses or (target.hostname,)
        self._reach.add(Endpoint(node.alias, addresses, target.port, patience), answer)

    def _log_in(self, wanted: _Wanted, address: str | None) -> None:
        from stentor.ssh.login_queue import LoginRequest

        node, target = wanted.node, self._targets[wanted.node.alias]
        prompts = self._get_prompts()

        def done(diagnosis: Diagnosis | None) -> None:
            if diagnosis is None:
                self.fresh.add(node.alias)
                prompts.ready(wanted.ready)
            elif not prompts.wanted(node, diagnosis, argv(), wanted.ready, lambda: wanted.failed(diagnosis)):
                wanted.failed(diagnosis)
            prompts.settled(node)

        def argv() -> list[str]:
            return master_argv(
                self._fleet,
                node,
                target,
                connect_timeout=self.connect_timeout,
                persist=_PERSIST,
                user=self._user,
                address=address,
                interactive=True,
            )

        self._login_queue().login(LoginRequest(node, target, address, done))

    # -- running -------------------------------------------------------------------------------

    def start(self, task: Task, listener: Listener) -> Running:
        command = RemoteCommand(self, task, listener)
        command.begin()
        return command

    def target(self, alias: str) -> Target:
        """Return what ssh makes of a node that was prepared."""
        return self._targets[alias]

    def request(self, task: Task) -> bytes:
        """Build the request for a session, once for all nodes whose shell is of one kind.

        Raises:
            UsageError: the command is too long.
        """
        target = self._targets[task.node.alias]
        shell = shells.name_of(target.shell)
        family = "sh" if shell in shells.POSIX else shell
        variables = f"{family} {sorted(task.environment.items())} {target.sends}"
        key = (task.command, variables, target.agent)
        request = self._requests.get(key)
        if request is None:
            command = marker.wrap(task.command, self.word, family, dict(task.environment))
            encoded = command.encode("utf-8", "surrogateescape")
            if len(encoded) > LONGEST_COMMAND:
                raise UsageError(
                    f"the command has {len(encoded)} bytes, over the limit of {LONGEST_COMMAND}",
                    hint="put it in a file and use --script FILE, which has no limit",
                )
            sent = sent_variables(target.sends.split(), self._context.environ) if target.sends else {}
            request = mux.new_session(encoded, agent=target.agent, environment=sent)
            self._requests[key] = request
        return request

    def came_to_command(self, alias: str, seconds: float) -> None:
        """Count what a session took after a login: its start is a part of what makes a node slow."""
        self._login_times().took(alias, seconds)

    def learned(self, alias: str, shell: str) -> None:
        """Remember a node's login shell: the next command to it needs one process less."""
        target = self._targets[alias]
        if target.shell != shell:
            self._targets[alias] = target = target._replace(shell=shell)
            self._known.put(alias, self._words(self._fleet.nodes[alias]), target)

    def log_in_once(
        self, node: Node, command: str, output: Callable[[bytes], None], done: Callable[[int], None]
    ) -> Child:
        """Run a command by a login of its own, without a master; its stderr is dropped."""
        from stentor.ssh.child import Child

        argv = question_argv(
            self._fleet, node, connect_timeout=self.connect_timeout, user=self._user, command=command
        )
        return Child(self.reactor, argv, self._context.environ, done, output=output, errors=lambda _: None)

    def close(self) -> None:
        """End logins under way; masters stay."""
        if self._reach is not None:
            self._reach.close()
        if self._resolve is not None:
            self._resolve.stop()
        if self._logins is not None:
            self._logins.stop()
        if self._times is not None:
            self._times.save(self._fleet.nodes)
        self._known.save()


def warm_nodes(
    fleet: Fleet, nodes: Iterable[Node], user: str | None, environ: Mapping[str, str]
) -> frozenset[str]:
    """Return the aliases of the nodes that have a warm connection, by its socket."""
    known = Known(run_directory(environ, fleet.root))
    targets = {node.alias: known.get(node.alias, destination(fleet, node, user=user)) for node in nodes}
    return frozenset(alias for alias, target in targets.items() if target and _has_master(target))


def _has_master(target: Target) -> bool:
    """Whether the socket of a master is there, the user's own or ours."""
    return any(path and os.path.exists(path) for path in (target.own_control, target.control))


def sent_variables(patterns: Sequence[str], environ: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return the variables which SendEnv names, as ssh would send them with a command of its own."""
    from stentor.fleet.openssh import matches

    named = {name: value for name, value in environ.items() if any(matches(one, name) for one in patterns)}
    return {os.fsencode(name): os.fsencode(value) for name, value in named.items()}
