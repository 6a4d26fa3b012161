"""``doctor --fix`` and ``--undo`` as changes: what an operation carries out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from stentor.fanout.collect import collect
from stentor.fanout.events import Event, Finished
from stentor.fanout.task import Task
from stentor.operation.gather import GatherChange
from stentor.outcome import Outcome
from stentor.probe.fixes import MOVABLE, Offer, blocker, fix_for
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.snapshot import Answer, answer, guarded, restore

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.collect import Result
    from stentor.fleet.model import Node
    from stentor.probe.doctor import Diagnosis


def offers(diagnoses: Iterable[Diagnosis]) -> list[Offer]:
    """Return every safe fix that these nodes need, in their order."""
    found = []
    for diagnosis in diagnoses:
        for finding in diagnosis.findings:
            fix = fix_for(finding)
            if fix is not None:
                why = blocker(fix, diagnosis.findings)
                found.append(Offer(diagnosis.outcome.node, finding.key, fix, why))
    return found


class FixResult(NamedTuple):
    """What came of one fix."""

    node: str  # the alias
    key: str  # of the finding that it was for
    title: str  # what it does
    kind: str  # as of an outcome
    reason: str  # why it was not done; empty when ok


class FixChange(BaseChange):
    """Do safe fixes one after the other, each behind a snapshot of its own.

    Args:
        offers: what may be done; those with a blocker are left out.
        snapshot: the common part of the snapshots' names.
        wanted: asked before each fix.
    """

    name = "doctor"
    title = "stentor doctor --fix"

    def __init__(self, offers: Sequence[Offer], snapshot: str, wanted: Callable[[Offer], bool]) -> None:
        self.snapshot = snapshot
        self.results: list[FixResult] = []  # what came of each fix that was wanted
        self._offers: dict[str, list[Offer]] = {}
        for offer in offers:
            if not offer.blocker:
                self._offers.setdefault(offer.node, []).append(offer)
        self._wanted = wanted
        self._open: list[str] = []

    def preview(self, nodes: Sequence[str], _: Reach) -> Mapping[str, Preview]:
        """Return the fixes of each node."""
        return {n: Preview(n, tuple(o.fix.title for o in self._offers.get(n, ()))) for n in nodes}

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Do the fixes of each node in turn."""
        self._open = list(nodes)
        for alias in nodes:
            yield from self._node(alias, reach)
            self._open.remove(alias)

    def interrupted(self) -> Sequence[Outcome]:
        """The nodes whose fixes were not all done."""
        return [
            Outcome(node, "cancelled", reason="interrupted before its fixes were done") for node in self._open
        ]

    def _node(self, alias: str, reach: Reach) -> Iterator[Event | Step]:
        stop = reach.cancellation
        outcome = Outcome(alias, "skipped", reason="no fix was wanted")
        for offer in self._offers.get(alias, ()):
            if stop and stop.reason:
                yield Finished(alias, Outcome(alias, "cancelled", reason=f"stopped by {stop.reason}"))
                return
            if not self._wanted(offer):
                continue
            name = f"{self.snapshot}.{len(self.results) + 1}"
            # The journal knows the snapshot before the node is changed.
            yield Step(alias, "fixing", f"{offer.fix.title}; snapshot {name}")
            done = self._fix(offer, name, reach)
            # Of the fixes alone: between them a person is asked.
            seconds = outcome.seconds + done.seconds
            outcome = (done if outcome.kind in ("skipped", "ok") else outcome)._replace(seconds=seconds)
            self.results.append(FixResult(alias, offer.key, offer.fix.title, done.kind, done.reason))
            yield _told(self.results[-1])
        yield Finished(alias, outcome)

    def _fix(self, offer: Offer, name: str, reach: Reach) -> Outcome:
        command = guarded(name, offer.fix.files, offer.fix.change)
        (result,) = collect(reach.command(reach.nodes([offer.node]), command))
        said, outcome = answer(result.text), result.outcome
        if not said.taken and outcome.kind in ("ok", "failed"):
            reason = said.refused or said.failed or "the node did not say what came of it"
            return outcome._replace(kind="failed", code=outcome.code or 1, reason=reason)
        return outcome


def _told(result: FixResult) -> Step:
    if result.kind == "ok":
        return Step(result.node, "fixed", f"done: {result.title}")
    return Step(result.node, "not-fixed", f"not done: {result.title}: {result.reason or result.kind}")


class RestoreChange(GatherChange):
    """Put back what an earlier ``--fix`` changed, from its snapshots on the nodes.

    Args:
        snapshot: the common part of the snapshots' names.
        called: the number of that operation (or the snapshot that was named), for the title.
    """

    name = "doctor"

    def __init__(self, snapshot: str, called: str) -> None:
        self.title = f"stentor doctor --undo {called}"
        self.answers: dict[str, Answer] = {}  # what each node said
        self._snapshot = snapshot

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        """Return the command that restores the files."""
        command = restore(self._snapshot, MOVABLE)
        return [Task(node, command) for node in nodes]

    def read(self, result: Result) -> Outcome:
        """Read what was restored; a file that was left as it is makes the node fail."""
        said = self.answers[result.node] = answer(result.text)
        outcome = result.outcome
        if outcome.kind in ("ok", "failed") and (reason := _reason(said)):
            return outcome._replace(kind="failed", code=outcome.code or 1, reason=reason)
        return outcome


def _reason(said: Answer) -> str:
    if said.none:
        return "no such snapshot on the node: it was undone before, or was the oldest of many"
    return "; ".join(f"not restored: {shown(words)}" for words in said.left)


def shown(path: str) -> str:
    """Return a path of a snapshot as people write it."""
    return "~" if path == "." else f"~/{path}"
