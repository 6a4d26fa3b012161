"""An operation as JSON Lines: one event a line, nothing lost, documented in ``docs/json.md``.

The shapes are in :mod:`stentor.render.json_schema`, from which the published JSON Schema is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.fanout.events import Finished, Output, Progress, Started
from stentor.outcome import KINDS, Outcome, Report
from stentor.render.screen import Screen
from stentor.typed import Any

VERSION = 1


def fields(outcome: Outcome) -> dict[str, Any]:
    """An outcome's fields, times rounded to milliseconds."""
    named = outcome._asdict()
    named["seconds"] = round(outcome.seconds, 3)
    return named


def payload(data: bytes) -> dict[str, str]:
    """Bytes as ``text`` if they are UTF-8, else as ``base64``."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        from binascii import b2a_base64

        return {"base64": b2a_base64(data, newline=False).decode("ascii")}


def unfinished(data: bytes) -> int:
    """How many bytes at the end are the beginning of a character whose rest may still come: 0 to 3."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        if byte < 0xC0:
            return 0
        size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 if byte < 0xF8 else 0
        return back if size > back else 0
    return 0


class JsonLines:
    """Writes every event as an object on a line of its own, at once.

    Args:
        screen: where to write.
        operation: fields of the header line, besides its version and type: command, nodes, …
        clock: seconds that never go back.
        code: the exit code for a report.
    """

    __slots__ = ("_clock", "_code", "_encode", "_rest", "_screen", "_start")

    def __init__(
        self,
        screen: Screen,
        operation: Mapping[str, Any],
        *,
        clock: Callable[[], float],
        code: Callable[[Report], int],
    ) -> None:
        from json import JSONEncoder

        self._screen = screen
        self._clock = clock
        self._start = clock()
        self._code = code
        self._encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self._rest: dict[tuple[str, str], bytes] = {}  # characters which a chunk cut in two
        self._line({"stentor": VERSION, "type": "operation", **operation})

    def show(self, event: object) -> None:
        """Write one event."""
        if isinstance(event, Output):
            self._output(event)
        elif isinstance(event, Started):
            self._line({"type": "started", "node": event.node})
        elif isinstance(event, Finished):
            for stream in ("stdout", "stderr"):
                rest = self._rest.pop((event.node, stream), b"")
                if rest:
                    self._line({"type": "output", "node": event.node, "stream": stream, **payload(rest)})
            self._line({"type": "finished", **fields(event.outcome)})
        elif isinstance(event, Progress):
            from stentor.render.notices import text

            self._line({"type": "notice", "node": event.node, "text": text(event)})
        else:
            import msgspec

            from stentor.render.json_operation import line_of

            line = line_of(event)
            if line is not None:
                self._screen.out(msgspec.json.encode(line) + b"\n")

    def tick(self, now: float) -> None:
        """Every event is written when it comes."""

    def end(self, report: Report) -> None:
        """Write the report: nodes by kind, worst first, and the exit code."""
        kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for outcome in report:
            kinds[outcome.kind].append(outcome.node)
        self._line(
            {
                "type": "report",
                "nodes": len(report),
                "kinds": {kind: nodes for kind, nodes in kinds.items() if nodes},
                "exit_code": self._code(report),
                "seconds": round(self._clock() - self._start, 3),
            }
        )

    def _output(self, event: Output) -> None:
        key = (event.node, event.stream)
        data = self._rest.pop(key, b"") + event.data
        cut = unfinished(data)
        if cut:
            self._rest[key] = data[-cut:]
            data = data[:-cut]
        if data:
            self._line({"type": "output", "node": event.node, "stream": event.stream, **payload(data)})

    def _line(self, fields: Mapping[str, Any]) -> None:
        # A command typed with bytes that are no UTF-8 holds lone surrogates: "replace" keeps the line valid.
        self._screen.out(self._encode(fields).encode("utf-8", "replace") + b"\n")
