"""Lines merged one by one as they come, as ``clush -bL`` does."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from stentor.fanout.events import Finished, Output
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.names import fold
from stentor.render.screen import Screen
from stentor.render.stream import Stream
from stentor.render.style import paint


class LiveLines(BaseDisplay):
    """The first lines of all nodes, then the second ones: a line for all nodes that wrote the same.

    It waits until every node has written its next line or has ended. stderr is shown as it comes.

    Args:
        nodes: aliases, in the selection's order.
        groups: of the fleet, for names like ``@core``.
        labels: whether to write names.
    """

    __slots__ = ("_ended", "_errors", "_groups", "_labels", "_lines", "_partial", "_screen", "_waiting")

    def __init__(
        self,
        screen: Screen,
        nodes: Sequence[str],
        groups: Mapping[str, Sequence[str]],
        *,
        labels: bool = True,
    ) -> None:
        self._screen = screen
        self._groups = groups
        self._labels = labels
        self._errors = Stream(screen, nodes, labels=labels)
        self._lines: dict[str, deque[bytes]] = {node: deque() for node in nodes}
        self._partial: dict[str, bytes] = dict.fromkeys(nodes, b"")
        self._ended: set[str] = set()
        self._waiting = set(nodes)  # for their next line

    def show(self, event: object) -> None:
        """Write the lines that this event completes on all nodes."""
        if isinstance(event, Output) and event.stream == "stdout":
            *whole, rest = (self._partial[event.node] + event.data).split(b"\n")
            self._partial[event.node] = rest
            if whole:
                self._lines[event.node].extend(whole)
                self._waiting.discard(event.node)
                self._flush()
        elif isinstance(event, Finished):
            self._errors.show(event)
            self._end(event.node)
            self._flush()
        else:
            self._errors.show(event)

    def end(self, report: Report) -> None:
        for node in self._lines:
            self._end(node)
        self._flush()
        self._errors.end(report)

    def _end(self, node: str) -> None:
        if rest := self._partial[node]:
            self._lines[node].append(rest)
            self._partial[node] = b""
        self._ended.add(node)
        self._waiting.discard(node)

    def _flush(self) -> None:
        while not self._waiting and any(self._lines.values()):
            found: dict[bytes, list[str]] = {}
            for node, queue in self._lines.items():
                if queue:
                    found.setdefault(queue.popleft(), []).append(node)
                if not queue and node not in self._ended:
                    self._waiting.add(node)
            for line, nodes in sorted(found.items(), key=lambda one: -len(one[1])):
                name = f"{paint(fold(nodes, self._groups) + ':', 'heading', self._screen.colour_out)} "
                self._screen.out((self._screen.encode(name) if self._labels else b"") + line + b"\n")
