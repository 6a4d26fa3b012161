"""Ask the node's program something on many nodes at once: one fan-out, one answer a node."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from stentor.dotfiles import program
from stentor.dotfiles.answer import Answer, parse
from stentor.dotfiles.facts import facts_json
from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished, Output, Progress
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.rollout.change import Step


class Visit(NamedTuple):
    """What came of one node: its outcome, and its answer if the program began there."""

    outcome: Outcome
    answer: Answer | None


class Question(NamedTuple):
    """What is asked.

    Attributes:
        verb: of ``sh/dotfiles/main.sh``.
        options: the same for every node.
        each: options of one node, besides.
        words: the verb's other words for one node.
        bundle: path of a git bundle which goes along.
        timeout: seconds.
    """

    verb: str
    options: Mapping[str, str] = {}
    each: Callable[[Node], Mapping[str, str]] | None = None
    words: Callable[[Node], Sequence[str]] | None = None
    bundle: str | None = None
    checks: tuple[str, ...] = ()
    timeout: float = 120.0


def visit(reach: Reach, nodes: Sequence[Node], question: Question) -> Iterator[Event | Step | Visit]:
    """Ask all nodes at once; a ``Visit`` for each as it ends, and a ``Step`` for each step on the way."""
    if not nodes:
        return
    folder = tempfile.mkdtemp(prefix="stentor-")
    try:
        tasks = [_task(reach, node, question, folder) for node in nodes]
        settings = reach.settings._replace(timeout=question.timeout)
        said: dict[str, bytearray] = {node.alias: bytearray() for node in nodes}
        complaints: dict[str, bytearray] = {node.alias: bytearray() for node in nodes}
        events = reach.run(tasks, settings)
        for event in events:
            if isinstance(event, Output):
                if event.stream == "stdout":
                    yield from _steps(event, said[event.node])
                    said[event.node] += event.data
                else:
                    complaints[event.node] += event.data
            elif isinstance(event, Finished):
                yield _judge(event.outcome, bytes(said[event.node]), bytes(complaints[event.node]))
            elif isinstance(event, Progress):
                yield event
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def visits(reach: Reach, nodes: Sequence[Node], question: Question) -> dict[str, Visit]:
    """Ask all nodes and wait for all; by alias, in the order of ``nodes``."""
    found = {v.outcome.node: v for v in visit(reach, nodes, question) if isinstance(v, Visit)}
    return {node.alias: found[node.alias] for node in nodes}


def _task(reach: Reach, node: Node, question: Question, folder: str) -> Task:
    path = os.path.join(folder, node.alias)
    text = program.compose(
        facts=facts_json(reach.fleet, node, reach.known), checks=question.checks, bundle=question.bundle
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    options = {**question.options, **(question.each(node) if question.each else {})}
    words = question.words(node) if question.words else ()
    return Task(node, program.command(question.verb, *words, **options), stdin=path)


def _steps(event: Output, before: bytearray) -> Iterator[Step]:
    tail = bytes(before[before.rfind(b"\n") + 1 :]) + event.data
    for line in tail.split(b"\n")[:-1]:
        if line.startswith(b"step "):
            name = line.removeprefix(b"step ").decode("utf-8", "replace")
            yield Step(event.node, name, name)


def _judge(outcome: Outcome, stdout: bytes, stderr: bytes) -> Visit:
    answer = parse(stdout)
    if not outcome.reached:
        return Visit(outcome, None)
    if answer is None:
        if outcome.kind in ("ok", "failed"):
            last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            reason = f"the login shell did not reach the program{': ' + last if last else ''}"
            return Visit(outcome._replace(kind="shell-broken", code=None, reason=reason), None)
        return Visit(outcome, None)
    if trouble := answer.trouble:
        hint = HINTS.get(answer.kind, "")
        return Visit(outcome._replace(kind="failed", reason=trouble, hint=hint), answer)
    if answer.verb in ("begin", "rollback") and answer.taken_back:
        reason = f"taken back: {answer.taken_back}"
        return Visit(outcome._replace(kind="failed", code=1, reason=reason), answer)
    if answer.code is None and outcome.kind in ("ok", "failed"):
        last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = f"the node's program ended in the middle{': ' + last if last else ''}"
        return Visit(outcome._replace(kind="lost", reason=reason), answer)
    return Visit(outcome, answer)


_ROOM = "see there: df -h ~; df -i ~; and whether the home is mounted read-only"
HINTS = {
    "disk": _ROOM,
    "home": _ROOM,
    "snapshot": _ROOM,
    "no-timer": "install cron there; or a user manager and, as root: loginctl enable-linger ACCOUNT",
    "no-history": "name an operation it has kept, or the revision to come back to; a shortened one will do",
    "conflict": "see it with 'stentor dotfiles plan'; commit it, undo it there, or --overwrite that kind",
    "missing": "install it by its own means, such as the node's package manager or chezmoi's release page",
    "old": "install a newer one by its own means",
    "no-remote": "'stentor dotfiles init' sets the node up; or say dotfiles: remote: in the fleet file",
    "no-revision": "push it, or send it along with --via push",
    "pending": "'stentor dotfiles confirm NODE' or 'stentor dotfiles revert NODE'",
    "reverted": "mend it and push a new commit; or insist with --again",
    "locked": "wait for the other one to end",
    "unsigned": "sign the commit, and let the node know the key (gpg.ssh.allowedSignersFile)",
}
