"""Identical output shown once, under the names of all nodes which wrote it, as ``clush -b`` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stentor.fanout.collect import Collector, Result
from stentor.fanout.group import Group, Grouping, Lens
from stentor.fanout.spool import Piece, Spool
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.names import fold
from stentor.render.screen import Screen
from stentor.render.style import RESET, paint

RULE = "-" * 15  # clush's, so that what reads its output reads ours


def header(
    group: Group,
    groups: Mapping[str, Sequence[str]],
    *,
    note: str = "",
    colour: bool = False,
    plain: bool = False,
) -> str:
    """Return the three lines above a block, without the last newline; where it is plain, one.

    Args:
        group: whose names and number to show.
        groups: of the fleet, for names like ``@core``.
        note: said behind the names.
        plain: without rules, which a screen reader would read out.
    """
    count = f" ({len(group.nodes)})" if len(group.nodes) > 1 else ""
    names = fold(group.nodes, groups)
    note = f" {note}" if note else ""
    if plain:
        return f"{paint(names + count, 'heading', colour)}{note}:"
    rule = paint(RULE, "heading", colour)
    return f"{rule}\n{paint(names + count, 'heading', colour)}{note}\n{rule}"


class Gather(BaseDisplay):
    """Blocks of merged output at the end; stderr is merged by itself and goes to stderr.

    Args:
        nodes: aliases, in the selection's order.
        groups: of the fleet, for names like ``@core``.
        labels: whether to write headers.
        lens: how output is looked at when it is compared (``--mask``).
        spool: where output waits.
    """

    __slots__ = ("_collector", "_finished", "_groups", "_labels", "_masked", "_screen")

    def __init__(
        self,
        screen: Screen,
        nodes: Sequence[str],
        groups: Mapping[str, Sequence[str]] | None = None,
        *,
        labels: bool = True,
        lens: Lens | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._screen = screen
        self._groups = groups or {}
        self._labels = labels
        self._masked = lens is not None
        self._collector = Collector(spool)
        self._finished = {"stdout": Grouping(nodes, lens), "stderr": Grouping(nodes, lens)}

    def show(self, event: object) -> None:
        """Keep output; compare it when its node has finished."""
        result = self._collector.add(event)
        if result is not None:
            self.take(result)

    def take(self, result: Result) -> None:
        """Sort a finished node's output into the groups. Silence makes no block."""
        for stream, grouping in self._finished.items():
            piece = result.piece(stream)
            if piece:
                grouping.add(result.node, piece)

    def end(self, report: Report) -> None:
        self.flush()
        # What is left is of nodes which never finished: an engine that was stopped in the middle.
        for node, stream, piece in self._collector.held():
            self._finished[stream].add(node, piece)
        self.flush()

    def flush(self) -> None:
        """Write the blocks of the nodes which have finished so far, and forget them."""
        for stream, grouping in self._finished.items():
            for group in grouping.groups():
                self._block(stream, group)
                if group.piece is not None:
                    group.piece.clear()
            grouping.clear()

    def unfinished(self) -> Iterable[tuple[str, str, Piece]]:
        """Output of nodes which are still at it: node, stream, bytes."""
        return self._collector.held()

    def _block(self, stream: str, group: Group) -> None:
        screen = self._screen
        colour = screen.colour_err if stream == "stderr" else screen.colour_out
        if self._labels:
            notes = ["stderr"] if stream == "stderr" else []
            if self._masked and len(group.nodes) > 1:
                notes.append(f"alike, as {group.first} wrote it")
            top = header(group, self._groups, note=", ".join(notes), colour=colour, plain=screen.plain)
            screen.write(stream, screen.encode(top + "\n"))
        last = b"\n"
        coloured = False
        pieces = group.piece.chunks() if group.piece is not None else ()
        for chunk in screen.shown(stream, pieces):
            screen.write(stream, chunk)
            last = chunk[-1:] or last
            coloured = coloured or b"\x1b" in chunk
        live = screen.live_err if stream == "stderr" else screen.live_out
        reset = RESET.encode() if coloured and live else b""
        screen.write(stream, reset + (b"" if last == b"\n" else b"\n"))
