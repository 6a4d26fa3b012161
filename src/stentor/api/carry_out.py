"""Carry an operation out to its end, for a caller who wants results and no events."""

from __future__ import annotations

from stentor.api.results import Results
from stentor.fanout.collect import Collector, Result
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fanout.cancellation import Cancellation
    from stentor.operation.operation import Operation


def results(operation: Operation, cancellation: Cancellation | None = None) -> Results:
    """Return every node's result, in the order of the selection.

    Args:
        operation: which has not begun.
        cancellation: by which another thread asks for the end.
    """
    if cancellation is not None:
        operation.cancellation = cancellation
    collector = Collector()
    found: dict[str, Result] = {}
    for event in operation.events():
        result = collector.add(event)
        if result is not None:
            found[result.node] = result
    for outcome in operation.report:  # what a revert changed
        found[outcome.node].outcome = outcome
    return Results([found[node] for node in operation.request.nodes if node in found], operation)
