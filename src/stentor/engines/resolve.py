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
from stentor.ssh.identity import Answer, interview
from stentor.ssh.reactor import Owner
from stentor.ssh.rundir import Known
from stentor.ssh.target import Target, destination

# Processes of `ssh -G` at once; each takes some 4 ms of one core, and three descriptors.
_AT_ONCE = 8
# A question takes milliseconds; a command in ``Match exec`` may take longer, but not for ever. Seconds.
_PATIENCE = 10.0
_DESCRIPTORS_EACH = 3

Resolved = Callable[[Target], None]
Failed = Callable[[Failure], None]
# Told at the end of a question what is to be called then.
Answered = Callable[[Callable[[], None]], None]


class Resolve:
    """Asks for targets."""

    def __init__(self, context: EngineContext, known: Known) -> None:
        self.context = context
        self.known = known  # remembers the answers
        self.said: dict[
            tuple[str, ...], str
        ] = {}  # many nodes are behind one gateway: it is asked about once
        self._waiting: deque[tuple[_Question, Owner | None]] = deque()
        self._asked: set[_Question] = set()
        self.running: set[Child] = set()
        self._most = max(1, min(_AT_ONCE, context.descriptors // _DESCRIPTORS_EACH))

    @property
    def busy(self) -> bool:
        """Whether any answer is still to come."""
        return bool(self._asked)

    def stop(self) -> None:
        """End the questions under way, and what a ``Match exec`` in them has started."""
        self._waiting.clear()
        for child in self.running:
            child.kill()

    def ask(self, node: Node, resolved: Resolved, failed: Failed) -> None:
        """Ask what ssh makes of a node; one of the two is called."""
        self._waiting.append((_Question(self, node, resolved, failed), self.context.reactor.owner))
        self._next()

    def _next(self) -> None:
        reactor = self.context.reactor
        while self._waiting and len(self._asked) < self._most:
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
    """The interview of one node: an ``ssh -G`` for it and for each hop on the way."""

    def __init__(self, resolve: Resolve, node: Node, resolved: Resolved, failed: Failed) -> None:
        self._resolve = resolve
        self._node = node
        self._resolved = resolved
        self._failed = failed
        self._answered: Answered
        context = resolve.context
        self._interview = interview(
            context.fleet, node, resolve.known.directory, context.settings.user, context.environ
        )

    def begin(self, answered: Answered) -> None:
        """Ask; ``answered`` is told what is to be called at the end."""
        self._answered = answered
        self._ask(next(self._interview))

    def _ask(self, argv: list[str]) -> None:
        context = self._resolve.context
        said = self._resolve.said.get(tuple(argv))
        if said is not None:
            self._go_on(said)
            return
        chunks: list[bytes] = []
        children = self._resolve.running

        limit = context.settings.connect_timeout + _PATIENCE

        def done(code: int) -> None:
            children.discard(child)
            timer.cancel()
            said = b"".join(chunks).decode("utf-8", "replace")
            if code < 0:
                said = f"no answer of 'ssh -G' in {limit:g} s: is there a command in ssh_config (Match exec)?"
            self._resolve.said[tuple(argv)] = said
            self._go_on(said)

        child = Child(context.reactor, argv, context.environ, done, output=chunks.append, ends_group=True)
        children.add(child)
        timer = context.reactor.after(limit, child.kill)

    def _go_on(self, said: str) -> None:
        try:
            argv = self._interview.send(said)
        except StopIteration as end:
            self._keep(end.value)
        else:
            self._ask(argv)

    def _keep(self, answer: Answer) -> None:
        context, known = self._resolve.context, self._resolve.known
        target = answer.target
        if target is None:
            self._answered(lambda: self._failed(Diagnosis("denied", answer.refused, answer.hint)))
            return
        words = destination(context.fleet, self._node, user=context.settings.user)
        target = known.learn(self._node.alias, words, target, answer.files, steady=answer.steady)
        self._answered(lambda: self._resolved(target))
