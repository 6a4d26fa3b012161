"""Run the node's program on many nodes at once: one session and one answer a node."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial

from stentor import scratch
from stentor.engines.reach import Reach
from stentor.fanout.events import Event
from stentor.fanout.task import Task
from stentor.operation.node_program import answers, not_begun
from stentor.outcome import Outcome, not_seen
from stentor.rollout.change import Step
from stentor.services import program
from stentor.services.answer import Answer, parse
from stentor.typed import NamedTuple


class Visit(NamedTuple):
    """What came of one node: its outcome, and its answer if the program began there."""

    outcome: Outcome
    answer: Answer | None


def visit(
    reach: Reach, texts: Mapping[str, str], verb: str, timeout: float, **options: str
) -> Iterator[Event | Step | Visit]:
    """Ask nodes at once; a ``Visit`` for each as it ends, and a ``Step`` for each step on the way.

    Args:
        texts: alias to the node's program.
        verb: of ``sh/services/main.sh``.
        timeout: seconds.
        options: of the verb.
    """
    if not texts:
        return
    # What is left running on a node (the deadline of a change) must not be ended as ours: it has no mark.
    reach = reach._replace(environment={})
    with scratch.folder() as folder:
        tasks = []
        for alias, text in texts.items():
            path = os.path.join(folder, alias)
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(text)
            tasks.append(Task(reach.fleet.nodes[alias], program.command(verb, **options), stdin=path))
        events = reach.run(tasks, reach.settings._replace(timeout=timeout))
        yield from answers(events, _judge, partial(Visit, answer=None))


def visits(
    reach: Reach, texts: Mapping[str, str], verb: str, timeout: float, **options: str
) -> dict[str, Visit]:
    """Ask nodes and wait for all; by alias, in the order of ``texts``."""
    found = {
        one.outcome.node: one
        for one in visit(reach, texts, verb, timeout, **options)
        if isinstance(one, Visit)
    }
    return {alias: found.get(alias) or Visit(not_seen(alias), None) for alias in texts}


def aside(answer: Answer | None) -> str:
    """Return the hint where a node says that it could not put everything back; empty where it could."""
    folder = answer.one("aside") if answer else ""
    return f"what was not put back is kept on the node, in {folder}" if folder else ""


def _judge(outcome: Outcome, stdout: bytes, stderr: bytes) -> Visit:
    answer = parse(stdout)
    if not outcome.reached:
        return Visit(outcome, answer)
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if answer is None:
        return Visit(not_begun(outcome, stderr), None)
    if said := answer.one("failed"):
        return Visit(outcome._replace(kind="failed", code=None, reason=said), answer)
    if said := answer.one("reverted"):
        left = answer.one("left")
        how = f"partly reverted ({left} left)" if left else "reverted"
        reason = f"{how}: {said}"
        return Visit(outcome._replace(kind="failed", code=1, reason=reason, hint=aside(answer)), answer)
    if answer.code is None and outcome.kind in ("ok", "failed"):
        reason = f"the node's program ended in the middle{': ' + last if last else ''}"
        return Visit(outcome._replace(kind="lost", reason=reason), answer)
    return Visit(outcome, answer)
