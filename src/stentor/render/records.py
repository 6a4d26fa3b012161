"""Findings as JSON Lines: a header, an object a node, a report; for ``ping --json`` and its like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.outcome import KINDS, Outcome, Report
from stentor.render.jsonl import VERSION
from stentor.render.screen import Screen
from stentor.typed import Any


class Records:
    """Writes each object on a line of its own, at once.

    Args:
        screen: where to write.
        operation: fields of the header line besides its version and type: command, nodes, …
    """

    __slots__ = ("_encode", "_screen")

    def __init__(self, screen: Screen, operation: Mapping[str, Any]) -> None:
        from json import JSONEncoder

        self._screen = screen
        self._encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self.write({"stentor": VERSION, "type": "operation", **operation})

    def write(self, fields: Mapping[str, Any]) -> None:
        """Write one object; times are rounded to milliseconds."""
        rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in fields.items()}
        self._screen.out(self._encode(rounded).encode("utf-8", "replace") + b"\n")

    def report(self, outcomes: Iterable[Outcome], *, code: int, seconds: float) -> None:
        """Write the report, as ``run --json`` does: nodes by kind, worst first, and the exit code."""
        kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for outcome in outcomes:
            kinds[outcome.kind].append(outcome.node)
        found = {kind: nodes for kind, nodes in kinds.items() if nodes}
        count = sum(map(len, found.values()))
        self.write(
            {"type": "report", "nodes": count, "kinds": found, "exit_code": code, "seconds": float(seconds)}
        )


class OperationRecords:
    """A display of what an operation says of itself, one object a line; outcomes are written elsewhere.

    Args:
        records: where to write.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def show(self, event: object) -> None:
        """Write one event; steps of a node are told by whoever writes the results."""
        import msgspec

        from stentor.fanout.events import Progress
        from stentor.render.json_operation import StepLine, line_of
        from stentor.render.notices import text

        if isinstance(event, Progress):
            self._records.write({"type": "notice", "node": event.node, "text": text(event)})
            return
        line = line_of(event)
        if line is not None and not isinstance(line, StepLine):
            self._records.write(msgspec.to_builtins(line))

    def tick(self, now: float) -> None:
        """Every event is written when it comes."""

    def end(self, report: Report) -> None:
        """The report is written by the command."""
