"""Output as it comes: lines behind the name of their node, or the bare bytes of one node."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fanout.events import Finished, Output
from stentor.fanout.spool import Piece, Spool
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.screen import Screen
from stentor.render.style import NODE_COLOURS, RESET

WIDEST_COLUMN = 24  # names longer than this are not waited for by the others
_RESET = RESET.encode()


def prefixes(nodes: Sequence[str], *, colour: bool, align: bool) -> dict[str, bytes]:
    """Return what stands before each line of each node.

    Args:
        nodes: aliases, in the selection's order, which decides the colours.
        colour: each node in a colour of its own (ten of them, then again from the first).
        align: begin the texts in one column. Only for people: dshbak and clubak would take the
            spaces for a part of the line.
    """
    widths = [len(node) for node in nodes if len(node) <= WIDEST_COLUMN]
    width = max(widths, default=0) if align else 0
    made = {}
    for index, node in enumerate(nodes):
        space = " " * (max(width - len(node), 0) + 1)
        before, after = (NODE_COLOURS[index % len(NODE_COLOURS)], RESET) if colour else ("", "")
        made[node] = f"{before}{node}:{after}{space}".encode()
    return made


class Stream(BaseDisplay):
    """Live lines with prefixes, each line whole.

    A line is written when it has ended, so lines of different nodes never mix. What has no end
    yet waits in memory, and on disk if it grows (:mod:`stentor.fanout.spool`).

    Args:
        nodes: aliases, in the selection's order.
        labels: whether to write prefixes at all.
        spool: where unfinished lines wait.
    """

    __slots__ = ("_err", "_out", "_partial", "_screen", "_spool")

    def __init__(
        self, screen: Screen, nodes: Sequence[str], *, labels: bool = True, spool: Spool | None = None
    ) -> None:
        self._screen = screen
        self._spool = spool or Spool()
        self._partial: dict[tuple[str, str], Piece] = {}
        self._out: dict[str, bytes] = {}
        self._err: dict[str, bytes] = {}
        if labels:
            self._out = prefixes(nodes, colour=screen.colour_out, align=screen.live_out)
            self._err = prefixes(nodes, colour=screen.colour_err, align=screen.live_err)

    def show(self, event: object) -> None:
        """Write the lines which this event completes."""
        if isinstance(event, Output):
            self._output(event.node, event.stream, event.data)
        elif isinstance(event, Finished):
            self.finish(event.node)

    def replay(self, node: str, stream: str, piece: Piece) -> None:
        """Write what was put aside before, up to the last whole line, and empty the piece."""
        for chunk in piece.chunks():
            self._output(node, stream, chunk)
        piece.clear()

    def finish(self, node: str) -> None:
        """Write the node's last lines, which have no newline of their own: another node comes next."""
        for stream in ("stdout", "stderr"):
            piece = self._partial.pop((node, stream), None)
            if piece is not None:
                self._long_line(node, stream, piece, b"\n")

    def end(self, report: Report) -> None:
        """Write what nodes which never finished left behind."""
        for (node, stream), piece in list(self._partial.items()):
            self._long_line(node, stream, piece, b"\n")
        self._partial.clear()

    def _output(self, node: str, stream: str, data: bytes) -> None:
        key = (node, stream)
        partial = self._partial.get(key)
        if partial is not None:
            first = data.find(b"\n") + 1
            if not first:
                partial.append(data)
                return
            del self._partial[key]
            self._long_line(node, stream, partial, data[:first])
            data = data[first:]
        end = data.rfind(b"\n") + 1
        if end:
            self._lines(node, stream, data[:end])
        if end < len(data):
            rest = self._partial[key] = self._spool.piece()
            rest.append(data[end:])

    def _lines(self, node: str, stream: str, lines: bytes) -> None:
        """Write whole lines, the last newline included."""
        prefix = self._prefix(node, stream)
        if self._live(stream):
            lines = self._tamed(stream, lines, prefix)
        if prefix:
            lines = b"%b%b\n" % (prefix, lines[:-1].replace(b"\n", b"\n" + prefix))
        self._screen.write(stream, lines)

    def _long_line(self, node: str, stream: str, start: Piece, end: bytes) -> None:
        """Write one line from what waited and what ended it, without having all of it in memory."""
        if start.in_memory:
            line = start.read() + end
            start.clear()
            self._lines(node, stream, line)
            return
        self._screen.write(stream, self._prefix(node, stream))
        for chunk in self._screen.shown(stream, start.chunks()):
            self._screen.write(stream, chunk)
        start.clear()
        self._screen.write(stream, b"".join(self._screen.shown(stream, [end])))

    def _prefix(self, node: str, stream: str) -> bytes:
        return (self._err if stream == "stderr" else self._out).get(node, b"")

    def _tamed(self, stream: str, lines: bytes, prefix: bytes) -> bytes:
        """Keep what nodes write from spilling over the prefixes of a terminal's lines."""
        parts = [lines]
        if b"\r" in lines and prefix:
            # A progress bar writes a line over itself: so does this, up to its last state.
            parts = lines.replace(b"\r\n", b"\n").split(b"\r")
        parts = [b"".join(self._screen.shown(stream, [part])) for part in parts]
        lines = (b"\r\x1b[K" + prefix).join(parts)
        return lines.replace(b"\n", _RESET + b"\n") if b"\x1b" in b"".join(parts) else lines

    def _live(self, stream: str) -> bool:
        return self._screen.live_err if stream == "stderr" else self._screen.live_out


class Raw(BaseDisplay):
    """One node alone: its bytes as they come, as ssh would show them."""

    __slots__ = ("_screen",)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, event: object) -> None:
        if isinstance(event, Output):
            self._screen.write(event.stream, event.data)
