"""What came of an operation: a result for each node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stentor.outcome import Report
from stentor.typed import TYPE_CHECKING

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
