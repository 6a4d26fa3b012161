"""A change that only reads: every node is asked something, and its answer is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stentor.fanout.collect import Collector, parsed
from stentor.fanout.events import Finished, Output
from stentor.rollout.change import BaseChange

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.collect import Result
    from stentor.fanout.events import Event
    from stentor.fanout.task import Task
    from stentor.fleet.model import Node
    from stentor.outcome import Outcome


class GatherChange(BaseChange):
    """Ask every node and read its answer; what a node writes is not passed on."""

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        """Return what each node is asked."""
        raise NotImplementedError

    def read(self, result: Result) -> Outcome:
        """Read one node's answer and return what came of the node."""
        raise NotImplementedError

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Ask these nodes."""
        collector = Collector()
        for event in reach.run(self.tasks(reach.nodes(nodes))):
            result = collector.add(event)
            if result is not None:
                said = result.piece("stdout")
                head = next(said.chunks(), b"") if said else b""
                yield Finished(result.node, parsed(self.read, (result,), _as_it_is, result.outcome, head))
            elif not isinstance(event, Output):
                yield event


def _as_it_is(outcome: Outcome) -> Outcome:
    return outcome
