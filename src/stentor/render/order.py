"""Output sorted by node: all of one, then all of the next."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fanout.collect import Collector, Result
from stentor.fanout.spool import Spool
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.stream import Stream


class InOrder(BaseDisplay):
    """Lines behind their node's name, all of a node together, in the selection's order (``clush -L``)."""

    __slots__ = ("_collector", "_inner", "_nodes", "_results")

    def __init__(self, inner: Stream, nodes: Sequence[str], *, spool: Spool | None = None) -> None:
        self._inner = inner
        self._nodes = nodes
        self._collector = Collector(spool)
        self._results: dict[str, Result] = {}

    def show(self, event: object) -> None:
        result = self._collector.add(event)
        if result is not None:
            self._results[result.node] = result

    def end(self, report: Report) -> None:
        for node in self._nodes:
            result = self._results.pop(node, None)
            if result is None:
                continue
            for stream in ("stdout", "stderr"):
                piece = result.piece(stream)
                if piece is not None:
                    self._inner.replay(node, stream, piece)
            self._inner.finish(node)
        for node, stream, piece in self._collector.held():
            self._inner.replay(node, stream, piece)
        self._inner.end(report)
