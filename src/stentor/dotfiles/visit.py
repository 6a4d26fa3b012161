"""Run the node's program on many nodes at once: one fan-out, one answer a node."""

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
from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Finished, Output, Progress
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.rollout.change import Step

_BUNDLE = ".bundle"  # beside the nodes' programs, which are called like the nodes


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
        bundle: a git bundle that is sent along.
        checks: commands of the policy.
        timeout: seconds.
    """

    verb: str
    options: Mapping[str, str] = {}
    each: Callable[[Node], Mapping[str, str]] | None = None
    words: Callable[[Node], Sequence[str]] | None = None
    bundle: bytes | None = None
    checks: tuple[str, ...] = ()
    timeout: float = 120.0


def visit(reach: Reach, nodes: Sequence[Node], question: Question) -> Iterator[Event | Step | Visit]:
    """Ask all nodes at once; a ``Visit`` for each as it ends, and a ``Step`` for each step on the way."""
    if not nodes:
        return
    # What is left running on a node (its deadline, its timer) must not be ended as ours: it has no mark.
    reach = reach._replace(environment={})
    folder = tempfile.mkdtemp(prefix="stentor-")
    try:
        if question.bundle:
            with open(os.path.join(folder, _BUNDLE), "wb") as file:
                file.write(question.bundle)
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
                stdout, stderr = bytes(said[event.node]), bytes(complaints[event.node])
                yield parsed(
                    _judge,
                    (event.outcome, stdout, stderr),
                    lambda outcome: Visit(outcome, None),
                    event.outcome,
                    stdout,
                )
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
        facts=facts_json(reach.fleet, node, reach.known),
        checks=question.checks,
        bundle=os.path.join(folder, _BUNDLE) if question.bundle else None,
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
    if answer.verb in ("begin", "rollback") and answer.reverted:
        reason = f"reverted: {answer.reverted}"
        return Visit(outcome._replace(kind="failed", code=1, reason=reason), answer)
    if answer.code is None and outcome.kind in ("ok", "failed"):
        last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = f"the node's program ended in the middle{': ' + last if last else ''}"
        return Visit(outcome._replace(kind="lost", reason=reason), answer)
    return Visit(outcome, answer)


_SPACE = "check the node: df -h ~; df -i ~; and whether its home is mounted read-only"
HINTS = {
    "disk": _SPACE,
    "home": _SPACE,
    "snapshot": _SPACE,
    "no-timer": "install cron there; or a user manager and, as root: loginctl enable-linger ACCOUNT",
    "no-history": "name an operation or a revision from the list; a revision may be shortened",
    "conflict": "see 'stentor dotfiles plan'; commit the edit, revert it on the node, or use --overwrite",
    "missing": "install it with the node's package manager or from chezmoi's release page",
    "old": "install a newer version",
    "no-remote": "run 'stentor dotfiles init' for the node, or set dotfiles: remote: in the fleet file",
    "no-revision": "push it, or send it along with --via push",
    "pending": "decide it with 'stentor dotfiles confirm NODE' or 'stentor dotfiles revert NODE'",
    "reverted": "fix it in a new commit, or apply it again with --again",
    "locked": "wait for the other operation to end",
    "unsigned": "sign the commit, and add the key on the node (gpg.ssh.allowedSignersFile)",
}
