"""How the few differ from the many: a unified diff of each group against the most common output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stentor.fanout.collect import Collector, Result
from stentor.fanout.group import Group, Grouping, Lens
from stentor.fanout.spool import Spool
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.names import fold
from stentor.render.screen import Screen
from stentor.render.style import STYLES, paint

MOST_BYTES = 16 * 1024 * 1024
_CONTEXT = 3  # lines around each difference
MOST_LINES = 10_000  # that differ, on either side; the comparison takes their product in time


def split(data: bytes) -> list[bytes]:
    """Lines without their ends; a carriage return or form feed is content."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines


def unified(
    ours: Sequence[bytes],
    theirs: Sequence[bytes],
    *,
    seen_ours: Sequence[bytes] | None = None,
    seen_theirs: Sequence[bytes] | None = None,
) -> Iterator[bytes]:
    """Yield the hunks of a unified diff, without newlines and without file names.

    Args:
        ours: lines of the most common output.
        theirs: lines of those who differ.
        seen_ours: the same lines as they are compared (masked), if not as they are shown.
        seen_theirs: likewise.
    """
    from difflib import SequenceMatcher

    a = ours if seen_ours is None else seen_ours
    b = theirs if seen_theirs is None else seen_theirs
    start, end = _common(a, b)
    start = max(start - _CONTEXT, 0)
    end = max(end - _CONTEXT, 0)
    matcher = SequenceMatcher(None, a[start : len(a) - end], b[start : len(b) - end], autojunk=False)
    for block in matcher.get_grouped_opcodes(_CONTEXT):
        left, right = start + block[0][1], start + block[0][3]
        left_size = block[-1][2] - block[0][1]
        right_size = block[-1][4] - block[0][3]
        yield f"@@ -{_range(left, left_size)} +{_range(right, right_size)} @@".encode()
        for tag, i, i_end, j, j_end in block:
            if tag == "equal":
                yield from (b" " + line for line in ours[start + i : start + i_end])
                continue
            yield from (b"-" + line for line in ours[start + i : start + i_end])
            yield from (b"+" + line for line in theirs[start + j : start + j_end])


def _common(a: Sequence[bytes], b: Sequence[bytes]) -> tuple[int, int]:
    """How many lines are the same at the start, and at the end of the rest."""
    shorter = min(len(a), len(b))
    start = 0
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return start, end


def _range(start: int, size: int) -> str:
    # The format's rule: an empty range is named by the line before it.
    first = start + 1 if size else start
    return str(first) if size == 1 else f"{first},{size}"


class Diff(BaseDisplay):
    """Diffs on stdout and nothing else there; who agrees is said on stderr.

    Args:
        nodes: aliases, in the selection's order.
        groups: of the fleet, for names like ``@core``.
        lens: how output is looked at when it is compared (``--mask``).
        spool: where output waits.
    """

    __slots__ = ("_collector", "_groups", "_lens", "_screen", "_streams")

    def __init__(
        self,
        screen: Screen,
        nodes: Sequence[str],
        groups: Mapping[str, Sequence[str]] | None = None,
        *,
        lens: Lens | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._screen = screen
        self._groups = groups or {}
        self._lens = lens
        self._collector = Collector(spool)
        self._streams = {"stdout": Grouping(nodes, lens), "stderr": Grouping(nodes, lens)}

    def show(self, event: object) -> None:
        """Keep output; compare it when its node has finished."""
        result = self._collector.add(event)
        if result is not None and _has_answered(result):
            # Silence is an answer here: of five nodes which should all print a file, one has none.
            for stream, grouping in self._streams.items():
                grouping.add(result.node, result.piece(stream))

    def end(self, report: Report) -> None:
        for stream, grouping in self._streams.items():
            self._compare(stream, grouping.groups())

    def _compare(self, stream: str, found: Sequence[Group]) -> None:
        silent = stream == "stderr" and all(not group.piece for group in found)
        if not found or silent:
            return
        total = sum(len(group.nodes) for group in found)
        most = found[0]
        if total > 1:
            names = fold(most.nodes, self._groups)
            what = "alike" if self._lens else "the same"
            if len(most.nodes) == 1:
                text = f"no two of {total} wrote {what} on {stream}; compared with {names}"
            elif len(found) == 1:
                text = f"all {total} wrote {what} on {stream}"
            else:
                kinds = "" if len(found) == 2 else f" in {len(found) - 1} ways"
                text = f"{len(most.nodes)} of {total} agree on {stream}: {names}; the others differ{kinds}"
            self._screen.say(paint(text, "quiet", self._screen.colour_err))
        for group in found[1:]:
            self._write(stream, most, group)

    def _write(self, stream: str, most: Group, group: Group) -> None:
        screen = self._screen
        colour = screen.colour_err if stream == "stderr" else screen.colour_out
        for sign, side in (("---", most), ("+++", group)):
            count = f" ({len(side.nodes)})" if len(side.nodes) > 1 else ""
            line = f"{sign} {fold(side.nodes, self._groups)}{count}"
            screen.write(stream, screen.encode(paint(line, "strong", colour) + "\n"))
        for hidden in self._hunks(most, group):
            hunk_line = b"".join(screen.shown(stream, [hidden]))
            screen.write(stream, _coloured(hunk_line) + b"\n" if colour else hunk_line + b"\n")

    def _hunks(self, most: Group, group: Group) -> Iterator[bytes]:
        ours, theirs = (side.piece.read() if side.piece else b"" for side in (most, group))
        hint = "@@ too much to compare line by line; --output-dir keeps each node's output in a file @@"
        if len(ours) + len(theirs) > MOST_BYTES:
            yield hint.encode()
            return
        a, b = split(ours), split(theirs)
        seen_a, seen_b = self._seen(most.first, ours, a), self._seen(group.first, theirs, b)
        start, end = _common(seen_a or a, seen_b or b)
        if min(len(a), len(b)) - start - end > MOST_LINES:
            yield b"@@ -%d +%d @@ the first of many differences" % (start + 1, start + 1)
            yield b"-" + a[start]
            yield b"+" + b[start]
            yield hint.encode()
            return
        yield from unified(a, b, seen_ours=seen_a, seen_theirs=seen_b)
        if ours.endswith(b"\n") != theirs.endswith(b"\n") and ours and theirs:
            side = "+" if ours.endswith(b"\n") else "-"
            yield f"\\ no newline at the end of {side}".encode()

    def _seen(self, node: str, data: bytes, lines: list[bytes]) -> list[bytes] | None:
        if self._lens is None:
            return None
        seen = split(b"".join(self._lens(node, [data])))
        # A mask never adds or takes a line away; if it did, lines could not be matched up.
        return seen if len(seen) == len(lines) else None


def _has_answered(result: Result) -> bool:
    return result.outcome.started or result.ok or result.piece("stdout") is not None


def _coloured(line: bytes) -> bytes:
    style = {b"+": "good", b"-": "bad", b"@": "heading"}.get(line[:1])
    return b"%b%b\x1b[0m" % (STYLES[style].encode(), line) if style else line
