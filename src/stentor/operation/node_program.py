"""What the programs of several features on nodes say alike: their steps, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from stentor.fanout.events import Output
from stentor.outcome import Outcome
from stentor.rollout.change import Step


def steps(event: Output, before: bytes | bytearray) -> Iterator[Step]:
    """Yield the steps that some output completes: lines ``step NAME``.

    Args:
        event: the output.
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
