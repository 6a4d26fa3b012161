"""Carry an operation out to its end, for a caller who wants results and no events."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.api.base import BaseSelection
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.api.results import Results
    from stentor.fanout.collect import Result
    from stentor.operation.operation import Operation


def results(operation: Operation) -> Results:
    """Carry an operation out and return every node's result, in the order of the selection."""
    from stentor.api.results import Results
    from stentor.fanout.collect import Collector

    collector = Collector()
    found: dict[str, Result] = {}
    for event in operation.events():
        result = collector.add(event)
        if result is not None:
            found[result.node] = result
    for outcome in operation.report:  # what a revert changed
        found[outcome.node].outcome = outcome
    return Results([found[node] for node in operation.request.nodes if node in found], operation)


class Carrying(BaseSelection):
    """Some nodes, and how an operation on them is carried out."""

    def _results(
        self, make: Callable[..., Operation], terms: Mapping[str, Any], *args: Any, **options: Any
    ) -> Results:
        """Carry an operation out and return each node's result.

        Args:
            make: makes the operation from a selection, ``args``, terms and ``options``.
            terms: the named arguments of :func:`stentor.api.terms.terms_of`.
            args: what comes before the terms.
            options: what comes behind them.
        """
        from stentor.api.terms import terms_of

        return results(make(self, *args, terms_of(**terms), **options))

    def _finished(self, make: Callable[..., Operation], terms: Mapping[str, Any]) -> Operation:
        """Carry an operation out, for a caller who reads what its change has found; return it."""
        from stentor.api.terms import terms_of

        operation = make(self, terms_of(**terms))
        results(operation)
        return operation
