"""The writer of ``--json``: one record a line, at once, nothing lost; documented in ``docs/json.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from stentor.fanout.events import Finished, Output, Started
from stentor.outcome import KINDS, Outcome, Report, exit_code
from stentor.render import json_operation
from stentor.render.display import BaseDisplay
from stentor.render.json_fields import Shape
from stentor.render.screen import Screen
from stentor.rollout.change import Step


def encode(record: Shape) -> bytes:
    """Return a record as one line of JSON in UTF-8.

    A command or name which is no UTF-8 holds lone surrogates; each becomes ``?``.
    """
    try:
        return msgspec.json.encode(record) + b"\n"
    except UnicodeEncodeError:
        from json import dumps

        text = dumps(msgspec.to_builtins(record), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace") + b"\n"


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


class JsonLines(BaseDisplay):
    """Writes records, and as a display the record of every event.

    Args:
        header: the first line.
        clock: seconds that never go back, for the report.
        code: the exit code for a report.
        results: as a display, write also what nodes say, their outcomes and the report; else the command
            writes records of its own for each node, and the report.
    """

    __slots__ = ("_clock", "_code", "_rest", "_results", "_screen", "_start")

    def __init__(
        self,
        screen: Screen,
        header: Shape,
        *,
        clock: Callable[[], float] = float,
        code: Callable[[Report], int] = exit_code,
        results: bool = True,
    ) -> None:
        self._screen = screen
        self._clock = clock
        self._start = clock()
        self._code = code
        self._results = results
        self._rest: dict[tuple[str, str], bytes] = {}  # characters which a chunk cut in two
        self.write(header)

    def write(self, *records: Shape) -> None:
        """Write records."""
        for record in records:
            self._screen.out(encode(record))

    def show(self, event: object) -> None:
        if not self._results and isinstance(event, (Started, Output, Finished, Step)):
            return
        if isinstance(event, Output):
            data = self._rest.pop((event.node, event.stream), b"") + event.data
            cut = unfinished(data)
            if cut:
                self._rest[event.node, event.stream] = data[-cut:]
                data = data[:-cut]
            self._output(event.node, event.stream, data)
            return
        if isinstance(event, Finished):
            for stream in ("stdout", "stderr"):
                self._output(event.node, stream, self._rest.pop((event.node, stream), b""))
        record = json_operation.record_of(event)
        if record is not None:
            self.write(record)

    def end(self, report: Report) -> None:
        if self._results:
            self.report(report, code=self._code(report))

    def report(self, outcomes: Iterable[Outcome], *, code: int, seconds: float | None = None) -> None:
        """Write a report: nodes by kind, worst first; ``seconds``: since the first line, if not given."""
        if seconds is None:
            seconds = self._clock() - self._start
        kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for outcome in outcomes:
            kinds[outcome.kind].append(outcome.node)
        found = {kind: nodes for kind, nodes in kinds.items() if nodes}
        self.write(json_operation.Report(sum(map(len, found.values())), found, code, seconds))

    def _output(self, node: str, stream: str, data: bytes) -> None:
        if data:
            self.write(json_operation.Output(node, stream, **payload(data)))
