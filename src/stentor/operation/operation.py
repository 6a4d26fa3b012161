"""One operation: a change or a command, from the lock to its journal entry."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from stentor.engines.reach import Reach
from stentor.errors import Refused, StentorError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Finished, Started
from stentor.operation.events import Began, Behind, Ended, Missed, NotBegun, Unheard
from stentor.operation.record import Recorder
from stentor.operation.request import Request, Switches
from stentor.outcome import Outcome, Report, exit_code
from stentor.rollout.change import Step
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.operation.catch_up import CatchUp
    from stentor.operation.events import AnyEvent
    from stentor.rollout.change import Change
    from stentor.rollout.plan import Plan


_ALL = Switches()


class Operation:
    """A change or a command that has been asked for, and what became of it.

    Iterate over :meth:`events` once. Each node of the request has exactly one ``Finished``; the last event
    is ``Ended``.

    Args:
        plan: in which waves; None for all at once.
        switches: parts that the caller has switched off.
        catch_up: who has to get the change later; None where nobody can miss it.
        known: what came of nodes of the request before it began: they were not reached when they were
            looked at, or have the change already. They are neither locked nor changed.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        reach: Reach,
        request: Request,
        change: Change,
        plan: Plan | None = None,
        *,
        switches: Switches = _ALL,
        catch_up: CatchUp | None = None,
        known: Sequence[Outcome] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request = request
        self.change = change
        self.plan = plan
        self.outcomes: dict[str, Outcome] = {}  # what came of each node so far
        self.stopped = ""  # why it stopped before its end
        self._reach = reach
        self._switches = switches
        self._catch_up = catch_up
        self._named: tuple[str, ...] = ()  # as lacking the change of this operation
        self._known = tuple(known)
        self._waiting: dict[str, Outcome] = {}  # of nodes that are changed, and whose gates are under way
        self._clock = clock
        self._recorder: Recorder | None = None
        self._begun = False
        # By which a signal or another thread ends it.
        self.cancellation = reach.cancellation or Cancellation()

    @property
    def number(self) -> int:
        """The operation's number in the journal; 0 before it has one."""
        return self._recorder.number if self._recorder else 0

    @property
    def report(self) -> Report:
        """What came of the nodes, in the order of the selection."""
        return Report([self.outcomes[node] for node in self.request.nodes if node in self.outcomes])

    @property
    def code(self) -> int:
        """The exit code for these outcomes."""
        return exit_code(self.report, largest=self.request.largest)

    def events(self) -> Iterator[AnyEvent]:
        """Carry it out, and say what happens while it happens.

        Closing the iterator, or an exception in it, ends what is under way; the journal has what came of
        each node in any case.

        Raises:
            Refused: somebody else changes one of these nodes.
            StentorError: the operation cannot go on.
        """
        began = self._clock()
        recorder = self._recorder = Recorder(self._reach, on=self._switches.journal)
        try:
            with self._lock():
                yield from self._recorded(recorder)
            report, code = self.report, self.code
            yield from self._afterwards(recorder)
            yield from self._notify(report, code, self._clock() - began)
            yield Ended(report, code, self.stopped)
        finally:
            recorder.book.leave()
            if self._reach.cancellation is None:  # else its maker may end more with it
                self.cancellation.close()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The aliases of the nodes that are acted on, in order."""
        known = {outcome.node for outcome in self._known}
        return tuple(node for node in self.request.nodes if node not in known)

    def _lock(self) -> AbstractContextManager[None]:
        nodes = self.nodes
        if not (nodes and self.request.lock and self._switches.lock):
            return nullcontext()
        from stentor.operation.lock import locked

        verb, title = self.request.kind.rpartition(" ")[2], self.request.title
        title = "" if title == verb else title.removeprefix(f"{verb} ")  # "services deploy", "deploy chat"
        reach = self._reach._replace(cancellation=self.cancellation)
        return locked(reach, nodes, f"{self.request.kind} {title}".strip()[:80])

    def _recorded(self, recorder: Recorder) -> Iterator[AnyEvent]:
        """Between the beginning and the end of the journal's entry."""
        code, note = 70, ""
        try:
            yield from recorder.begin(self.request)
            yield Began(recorder.number)
            yield from self._followed(recorder)
            code = self.code
        except BaseException as error:
            note = str(error) if isinstance(error, StentorError) else f"ended by {type(error).__name__}"
            why = "the operation was interrupted" if self.plan is not None else ""
            self._cut_short(recorder, note if isinstance(error, Refused) and not self._begun else why)
            raise
        finally:
            recorder.end(code, note or self.stopped)

    def _followed(self, recorder: Recorder) -> Iterator[AnyEvent]:
        """Pass on what happens, and write it down on the way."""
        outcomes, take, catch_up = self.outcomes, recorder.take, self._catch_up
        if catch_up is not None:
            catch_up.begin(recorder.book)
        for event in self._execute(recorder):
            if isinstance(event, Finished):
                outcomes[event.node] = event.outcome
                if catch_up is not None and event.outcome.ok:
                    catch_up.stands()
            elif isinstance(event, Step):
                recorder.step(event.node, event.text)
            elif isinstance(event, Started):
                self._begun = True
            take(event)
            yield event
        if catch_up is not None:
            for event in catch_up.end(self.report):
                if isinstance(event, Missed):
                    self._named = event.nodes
                yield event

    def _execute(self, recorder: Recorder) -> Iterator[AnyEvent]:
        reach = self._reach._replace(
            cancellation=self.cancellation,
            environment={**self._reach.environment, **recorder.environment},
            waits=recorder.waits,
        )
        for outcome in self._known:
            yield Finished(outcome.node, outcome)
        if self.plan is None:
            yield from self.change.apply(self.nodes, reach)
            return
        from stentor.operation.waves import in_waves

        stop = self.cancellation
        self.stopped = yield from in_waves(
            self.plan, self.change, reach, recorder, self.outcomes, lambda: stop.reason, self._waiting
        )

    def _cut_short(self, recorder: Recorder, why: str) -> None:
        """Write down what came of the nodes whose end nobody will hear; ``why`` others were not begun."""
        cut_short = [*self.change.interrupted()]
        known = {*self.outcomes, *(outcome.node for outcome in cut_short)}
        cut_short += [one for one in self._at_gates() if one.node not in known]
        known |= self._waiting.keys()
        if why:
            reason = f"not begun: {why}"
            cut_short += [
                Outcome(n, "cancelled", reason=reason) for n in self.request.nodes if n not in known
            ]
        for outcome in cut_short:
            self.outcomes[outcome.node] = outcome
            recorder.take(Finished(outcome.node, outcome))
        if self._catch_up is not None:
            for _ in self._catch_up.end(self.report):
                pass  # only for the journal; there is nobody to show events to

    def _at_gates(self) -> Iterator[Outcome]:
        """What came of nodes that are changed, and whose wave was cut short."""
        from stentor.rollout.execute import cut_off

        gates = self.plan is not None and self.plan.gates
        return (cut_off(one) if gates else one for one in self._waiting.values())

    def _afterwards(self, recorder: Recorder) -> Iterator[AnyEvent]:
        """Say what is left to be done."""
        rest = tuple(n for n in self.request.nodes if n not in self.outcomes or self._cut(n))
        if rest and (self.stopped or self.cancellation.requests):
            yield NotBegun(rest, self.request.rest(rest, recorder.number))
        if self._switches.journal:
            yield from self._behind(recorder)
            yield from self._unheard(recorder)
            yield from recorder.problem()

    def _cut(self, node: str) -> bool:
        kind = self.outcomes[node].kind
        # A second request leaves nodes of which nobody heard whether they went back.
        return kind == "cancelled" or (kind == "lost" and self.cancellation.requests > 1)

    def _behind(self, recorder: Recorder) -> Iterator[Behind]:
        """Name nodes which answered and still lack a change that they missed while they were down."""
        from stentor.journal import MISSED

        answered = [node for node, outcome in self.outcomes.items() if outcome.reached]
        missed = recorder.book.recall(self._reach.fleet.root, MISSED) if answered else {}
        missed = {node: data for node, (_, data) in missed.items() if data and node not in self._named}
        late = tuple(node for node in answered if node in missed)
        if late:
            yield Behind(late, f"stentor dotfiles catch-up {','.join(late)}")

    def _unheard(self, recorder: Recorder) -> Iterator[Unheard]:
        """Name, once, nodes which answered and have had to decide on a change when nobody heard them."""
        from stentor.journal import UNHEARD

        root, book = self._reach.fleet.root, recorder.book
        answered = {node for node, outcome in self.outcomes.items() if outcome.reached}
        known = {node: data for node, (_, data) in book.recall(root, UNHEARD).items()} if answered else {}
        over = tuple(
            n for n, data in known.items() if n in answered and data and data["until"] < book.clock()
        )
        for node in over:
            book.remember(root, node, UNHEARD, {})
        if over:
            yield Unheard(over, f"stentor dotfiles status {','.join(over)}")

    def _notify(self, report: Report, code: int, seconds: float) -> Iterator[AnyEvent]:
        policy = self._reach.fleet.policy.notify
        if not policy or not self._switches.notify:
            return
        from stentor.operation.notify import notify, summary

        title, result = self.request.title, summary(report, code)
        stop = self.cancellation
        yield from notify(
            policy,
            self._reach.environ,
            seconds=seconds,
            title=title,
            result=result,
            stop=lambda: stop.requests > 1,
        )
