"""What came of an operation, a result for each node; and how one is carried out to its end for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.api.base import BaseSelection
from stentor.outcome import Report
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.fanout.collect import Result
    from stentor.operation.operation import Operation


class Results:
    """What came of an operation: a result for each node, in the selection's order.

    Attributes:
        operation: what was carried out: its number in the journal, and why it stopped.
    """

    def __init__(self, results: Sequence[Result], operation: Operation | None = None) -> None:
        self.operation = operation
        self._results = {result.node: result for result in results}

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results.values())

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        kinds = [outcome.kind for outcome in self.report.worst_first()]
        return f"Results({', '.join(f'{kinds.count(kind)} {kind}' for kind in dict.fromkeys(kinds))})"

    def __getitem__(self, alias: str) -> Result:
        return self._results[alias]

    @property
    def report(self) -> Report:
        """The outcomes alone."""
        return Report(result.outcome for result in self)

    @property
    def ok(self) -> tuple[Result, ...]:
        """Results of the nodes where the command succeeded."""
        return tuple(result for result in self if result.ok)

    @property
    def failed(self) -> tuple[Result, ...]:
        """Results of the nodes that were reached, where it did not succeed."""
        return tuple(self[outcome.node] for outcome in self.report.failed)

    @property
    def unreachable(self) -> tuple[Result, ...]:
        """Results of the nodes that were not reached, whatever the reachability level."""
        return tuple(self[outcome.node] for outcome in self.report.unreachable)

    def raise_on_error(self) -> None:
        """Do nothing if every node is ok or was skipped.

        Raises:
            NodesFailed: otherwise, naming the first few.
        """
        self.report.raise_on_error()


def results(operation: Operation) -> Results:
    """Carry an operation out and return every node's result, in the order of the selection."""
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
            terms: the named arguments of :func:`stentor.api.operations.terms_of`.
            args: what comes before the terms.
            options: what comes behind them.
        """
        from stentor.api.operations import terms_of

        return results(make(self, *args, terms_of(**terms), **options))

    def _finished(self, make: Callable[..., Operation], terms: Mapping[str, Any]) -> Operation:
        """Carry an operation out, for a caller who reads what its change has found; return it."""
        from stentor.api.operations import terms_of

        operation = make(self, terms_of(**terms))
        results(operation)
        return operation
