"""What ssh makes of a node's name: asked of ``ssh -G``, a few at a time, and remembered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from stentor.fanout.context import EngineContext
from stentor.fanout.engine import Failure
from stentor.fleet.model import Node
from stentor.ssh.child import Child
from stentor.ssh.diagnose import Diagnosis
from stentor.ssh.reactor import Owner
from stentor.ssh.rundir import Known, mentions_control_path
from stentor.ssh.target import Target, config_argv, destination, parse_config, target_of

# Processes of `ssh -G` at once; each takes some 4 ms of one core.
_AT_ONCE = 8

Resolved = Callable[[Target], None]
Failed = Callable[[Failure], None]
# Told at the end of a question what is to be called then.
Answered = Callable[[Callable[[], None]], None]


class Resolve:
    """Asks for targets.

    Args:
        context: of the fan-out.
        known: remembers the answers.
    """

    def __init__(self, context: EngineContext, known: Known) -> None:
        self.context = context
        self.known = known
        self._waiting: deque[tuple[_Question, Owner | None]] = deque()
        self._asked: set[_Question] = set()

    @property
    def busy(self) -> bool:
        """Whether any answer is still to come."""
        return bool(self._asked)

    def ask(self, node: Node, resolved: Resolved, failed: Failed) -> None:
        """Ask what ssh makes of a node; one of the two is called."""
        self._waiting.append((_Question(self, node, resolved, failed), self.context.reactor.owner))
        self._next()

    def _next(self) -> None:
        reactor = self.context.reactor
        while self._waiting and len(self._asked) < _AT_ONCE:
            question, owner = self._waiting.popleft()
            self._asked.add(question)
            answered = partial(self._answered, question, owner)
            reactor.on_behalf(partial(_broke, answered), question.begin, answered)

    def _answered(self, question: _Question, owner: Owner | None, then: Callable[[], None]) -> None:
        if question in self._asked:
            self._asked.discard(question)
            self.context.reactor.on_behalf(owner, then)
            self._next()


def _broke(answered: Answered, error: Exception) -> None:
    """An exception is the answer: it is raised on behalf of the node that was asked about."""

    def tell() -> None:
        raise error

    answered(tell)


class _Question:
    """The questions about one node: our control path and, where the user has some, theirs."""

    def __init__(self, resolve: Resolve, node: Node, resolved: Resolved, failed: Failed) -> None:
        self._resolve = resolve
        self._node = node
        self._resolved = resolved
        self._failed = failed
        self._answered: Answered

    def begin(self, answered: Answered) -> None:
        """Ask; ``answered`` is told what is to be called at the end."""
        self._answered = answered
        self._ask(f"{self._resolve.known.directory}/%C", self._understand)

    def _ask(self, control: str | None, then: Callable[[dict[str, str], list[str], str], None]) -> None:
        context = self._resolve.context
        chunks: list[bytes] = []
        argv = config_argv(context.fleet, self._node, control=control, user=context.settings.user)

        def done(_: int) -> None:
            said = b"".join(chunks).decode("utf-8", "replace")
            settings, files = parse_config(said)
            files += [] if context.fleet.ssh_config else self._usual_files()
            then(settings, files, said)

        Child(context.reactor, argv, context.environ, done, output=chunks.append)

    def _usual_files(self) -> list[str]:
        """Files which ssh would read if they were there."""
        home = self._resolve.context.environ.get("HOME", "")
        return [f"{home}/.ssh/config", "/etc/ssh/ssh_config"]

    def _understand(self, settings: dict[str, str], files: list[str], said: str) -> None:
        self._resolve.known.rests_on(files)
        if "hostname" not in settings:
            lines = [line for line in said.splitlines() if line.strip()]
            reason = lines[-1] if lines else "ssh -G says nothing"
            hint = "ssh rejects its configuration; fix it, then try again"
            self._answered(lambda: self._failed(Diagnosis("denied", reason, hint)))
            return
        target = target_of(settings, settings.get("controlpath", ""))
        if mentions_control_path(files):
            self._ask(None, lambda own, _files, _said: self._keep(target, own.get("controlpath", "none")))
        else:
            self._keep(target, "none")

    def _keep(self, target: Target, own: str) -> None:
        context = self._resolve.context
        target = target._replace(own_control="" if own == "none" else own)
        words = destination(context.fleet, self._node, user=context.settings.user)
        self._resolve.known.put(self._node.alias, words, target)
        self._answered(lambda: self._resolved(target))
