"""Run the node's program on machines: steps while it runs, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial

from stentor import scratch
from stentor.bootstrap.program import Answer, parse
from stentor.bootstrap.ways import Ways
from stentor.engines.reach import Reach
from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Finished, Output
from stentor.fanout.prelude import Verdicts
from stentor.fanout.task import Task
from stentor.operation.node_program import not_begun
from stentor.outcome import Outcome
from stentor.rollout.change import Step
from stentor.typed import NamedTuple


class Visit(NamedTuple):
    """What came of one node: its outcome, and its answer if the program began there."""

    outcome: Outcome
    answer: Answer | None


def visit(
    reach: Reach, ways: Ways, programs: Mapping[str, str], verb: str, timeout: float
) -> Iterator[Event | Step | Visit]:
    """Run it on all at once: a ``Step`` for each line that tells of one, a ``Visit`` as each node ends.

    Args:
        programs: alias to the text of the program.
        verb: of ``sh/bootstrap/main.sh``.
        timeout: seconds.
    """
    if verb == "close":
        # What opens it again is left running there; with the operation's mark it would be ended as ours.
        reach = reach._replace(environment={})
    ways.find(reach, [*programs])
    refused = ways.refused(reach, [*programs])
    for outcome in refused:
        yield Visit(outcome, None)
    left_out = {outcome.node for outcome in refused}
    for own, nodes in ways.groups(reach, [alias for alias in programs if alias not in left_out]):
        with ExitStack() as open_files:
            tasks = []
            for alias in nodes:
                command, lines = ways.begin(own, alias, verb)
                path = open_files.enter_context(scratch.memory(lines + programs[alias].encode()))
                tasks.append(Task(own.fleet.nodes[alias], command, path))
            settings = own.settings._replace(timeout=timeout)
            yield from _Reading(ways).follow(own.run(tasks, settings))


def visits(
    reach: Reach, ways: Ways, programs: Mapping[str, str], verb: str, timeout: float
) -> dict[str, Visit]:
    """Run it on all at once; return what came of each."""
    found = {}
    for event in visit(reach, ways, programs, verb, timeout):
        if isinstance(event, Visit):
            found[event.outcome.node] = event
    return found


class _Reading:
    def __init__(self, ways: Ways) -> None:
        self._verdicts: Verdicts = ways.verdicts()
        self._said: dict[str, bytearray] = {}
        self._stderr: dict[str, bytearray] = {}

    def follow(self, events: Iterator[Event]) -> Iterator[Event | Step | Visit]:
        for event in events:
            if isinstance(event, Output):
                yield from self._output(event)
            elif isinstance(event, Finished):
                said = bytes(self._said.get(event.node, b""))
                failed = partial(Visit, answer=None)
                yield parsed(self._judged, (event.outcome,), failed, event.outcome, said)
            else:
                yield event

    def _output(self, event: Output) -> Iterator[Event | Step]:
        if event.stream == "stderr":
            data = self._verdicts.stderr(event.node, event.data)
            self._stderr.setdefault(event.node, bytearray()).extend(data)
            if data:
                yield event._replace(data=data)
            return
        said = self._said.setdefault(event.node, bytearray())
        start = said.rfind(b"\n") + 1
        said += event.data
        for line in bytes(said[start:]).split(b"\n")[:-1]:
            key, _, name = line.decode("utf-8", "replace").partition(" ")
            if key in ("step", "did"):
                yield Step(event.node, name, name if key == "step" else f"{name}: done")

    def _judged(self, outcome: Outcome) -> Visit:
        outcome = self._verdicts.outcome(outcome)
        alias = outcome.node
        if outcome.kind == "denied":
            return Visit(outcome, None)
        answer = parse(bytes(self._said.get(alias, b"")))
        if answer is None:
            return Visit(not_begun(outcome, bytes(self._stderr.get(alias, b""))), None)
        step, why = answer.failed
        if step:
            place = "" if step == "begin" else f"{step}: "
            outcome = outcome._replace(kind="failed", code=1, reason=f"{place}{why or 'it is not done'}")
        elif outcome.ok and answer.code is None:
            outcome = outcome._replace(kind="lost", code=None, reason="its answer has no end")
        return Visit(outcome, answer)
