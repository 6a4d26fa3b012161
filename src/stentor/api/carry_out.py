"""Carry an operation out to its end, for a caller who wants results and no events."""

from __future__ import annotations

from stentor.api.results import Results
from stentor.fanout.collect import Collector, Result
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stentor.fanout.cancellation import Cancellation
    from stentor.operation.events import AnyEvent
    from stentor.operation.operation import Operation


def results(operation: Operation, cancellation: Cancellation | None = None) -> Results:
    """Return every node's result, in the order of the selection.

    Args:
        operation: which has not begun.
        cancellation: by which another thread asks for the end.
    """
    collector = Collector()
    found: dict[str, Result] = {}
    for event in events_of(operation, cancellation):
        result = collector.add(event)
        if result is not None:
            found[result.node] = result
    for outcome in operation.report:  # what a revert changed
        found[outcome.node].outcome = outcome
    return Results([found[node] for node in operation.request.nodes if node in found], operation)


def finished(operation: Operation, cancellation: Cancellation | None = None) -> Operation:
    """Carry it out, for a caller who reads what its change has found; return it."""
    for _ in events_of(operation, cancellation):
        pass
    return operation


def events_of(operation: Operation, cancellation: Cancellation | None) -> Iterator[AnyEvent]:
    """Return the events of an operation that another thread may end."""
    if cancellation is not None:
        operation.cancellation.close()
        operation.cancellation = cancellation
    return operation.events()
