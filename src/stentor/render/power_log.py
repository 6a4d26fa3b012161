"""What becomes of nodes one after the other, told as it happens: lines for people, or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stentor.outcome import Outcome, Report
from stentor.render.jsonl import fields
from stentor.render.screen import Screen


class Telling:
    """For commands which are no single fan-out: ``wake``, ``reboot``, ``shutdown``.

    Args:
        screen: where to write.
        operation: fields of the JSON header: command, selector, nodes, started_at.
        json: JSON Lines in place of lines for people.
    """

    def __init__(self, screen: Screen, operation: Mapping[str, Any], *, json: bool) -> None:
        self._screen = screen
        self._records = None
        if json:
            from stentor.render.records import Records

            self._records = Records(screen, operation)

    def notice(self, node: str, text: str) -> None:
        """Tell what happens to a node."""
        if self._records:
            self._records.write({"type": "notice", "node": node, "text": text})
        else:
            self._screen.print(f"{node}: {text}")

    def finished(self, outcome: Outcome) -> None:
        """Tell what came of a node; people hear of what is not ok."""
        if self._records:
            self._records.write({"type": "finished", **fields(outcome)})
        elif not outcome.ok:
            self._screen.say(f"{outcome.node}: {outcome.reason or outcome.kind}")

    def report(self, outcomes: Iterable[Outcome], *, code: int, seconds: float) -> None:
        """End it; people hear what to do next, where a node needs something."""
        report = Report(outcomes)
        if self._records:
            self._records.report(report, code=code, seconds=seconds)
            return
        from stentor.render.summary import hints

        for line in hints(report):
            self._screen.say(line)
