"""What ``stentor copy`` says of each node: what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stentor.fanout.events import Finished
from stentor.outcome import Outcome, Report
from stentor.render.display import BaseDisplay
from stentor.transfer.change import described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stentor.render.screen import Screen
    from stentor.transfer.copying import Share

_MOST = 20  # names shown of a node's share


class Shares(BaseDisplay):
    """A display of what each node gets."""

    def __init__(self, screen: Screen, shares: Mapping[str, Share], *, json: bool, dry: bool = False) -> None:
        self._screen = screen
        self._shares = shares  # of the change, by alias
        self._json = json  # write records
        self._dry = dry  # nothing was sent

    def show(self, event: object) -> None:
        if isinstance(event, Finished) and self._json:
            self._line(event.outcome)

    def _line(self, outcome: Outcome) -> None:
        from msgspec import UNSET

        from stentor.render.json_history import Copy
        from stentor.render.json_lines import encode

        share = self._shares.get(outcome.node)
        if share is None:
            return
        record = Copy.of(share, node=outcome.node)
        if not self._dry:
            record.names = UNSET
        self._screen.out(encode(record))

    def end(self, report: Report) -> None:
        """For people: what would be sent, node by node."""
        if self._json or not self._dry:
            return
        for outcome in report:
            share = self._shares.get(outcome.node)
            if share is None or not outcome.ok:
                self._screen.print(f"{outcome.node}: {outcome.reason or outcome.kind}")
                continue
            self._screen.print(f"{outcome.node}: {described(share, dry=True)}")
            for name in share.names[:_MOST]:
                shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
                self._screen.print(f"  {shown!r}"[:200])
            if len(share.names) > _MOST:
                self._screen.print(f"  and {len(share.names) - _MOST} more")
