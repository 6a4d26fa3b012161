"""What the programs of several features on nodes say alike: their steps, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Finished, Output, Progress
from stentor.outcome import Outcome
from stentor.rollout.change import Step
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


def answers(
    events: Iterable[Event], judge: Callable[[Outcome, bytes, bytes], T], failed: Callable[[Outcome], T]
) -> Iterator[Progress | Step | T]:
    """Yield each node's steps as it says them, and what came of it when it ends.

    Args:
        events: of the fan-out that runs the programs.
        judge: makes an answer of a node's outcome and of what it wrote to standard output and standard error.
        failed: stands for a node whose answer cannot be read.
    """
    stdout: dict[str, bytearray] = {}
    stderr: dict[str, bytearray] = {}
    for event in events:
        if isinstance(event, Output):
            said = (stdout if event.stream == "stdout" else stderr).setdefault(event.node, bytearray())
            if event.stream == "stdout":
                yield from steps(event, said)
            said += event.data
        elif isinstance(event, Finished):
            answer, complaints = (bytes(kept.pop(event.node, b"")) for kept in (stdout, stderr))
            yield parsed(judge, (event.outcome, answer, complaints), failed, event.outcome, answer)
        elif isinstance(event, Progress):
            yield event


def steps(event: Output, before: bytes | bytearray) -> Iterator[Step]:
    """Yield the steps that some output completes: lines ``step NAME``.

    Args:
        before: what the node had said before it.
    """
    tail = bytes(before[before.rfind(b"\n") + 1 :]) + event.data
    for line in tail.split(b"\n")[:-1]:
        if line.startswith(b"step "):
            name = line.removeprefix(b"step ").decode("utf-8", "replace")
            yield Step(event.node, name, name)


def not_begun(outcome: Outcome, stderr: bytes) -> Outcome:
    """Return the outcome of a node whose login shell ended, and whose program never said a word."""
    if outcome.kind not in ("ok", "failed"):
        return outcome
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    reason = f"the login shell did not reach the program{': ' + last if last else ''}"
    return outcome._replace(kind="shell-broken", code=None, reason=reason)
