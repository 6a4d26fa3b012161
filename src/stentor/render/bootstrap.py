"""A bootstrap for people and as records: what would be done, and what came of each node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stentor.fanout.events import Finished
from stentor.outcome import Report
from stentor.render.display import BaseDisplay
from stentor.render.style import paint, printable
from stentor.render.summary import say_hints

if TYPE_CHECKING:
    from stentor.render.json_bootstrap import BootstrapPlan
    from stentor.render.screen import Screen
    from stentor.rollout.change import Preview


def planned(preview: Preview) -> BootstrapPlan:
    """Return the record of what would be done on a node."""
    from stentor.render.json_bootstrap import BootstrapPlan

    return BootstrapPlan(preview.node, list(preview.changes), preview.unknown)


def show_plan(screen: Screen, previews: Iterable[Preview]) -> None:
    """Show what would be done on each node; of one that was not reached all that may be."""
    for one in previews:
        if one.unknown:
            screen.print(paint(printable(f"{one.node}: {one.unknown}"), "warning", screen.colour_out))
            screen.print(f"{one.node}: at most {len(one.changes)} steps")
        elif not one.changes:
            screen.print(f"{one.node}: nothing to do")
        else:
            count = f"{len(one.changes)} step{'s' if len(one.changes) != 1 else ''}"
            screen.print(f"{one.node}: {count}")
        for change in one.changes:
            screen.print(f"  {printable(change)}")


def say_left_out(screen: Screen, report: Report) -> None:
    """Say which nodes were not looked at, and what to do about it."""
    for outcome in report:
        if not outcome.ok:
            screen.say(printable(f"{outcome.node}: {outcome.reason or outcome.kind}"))
    say_hints(screen, Report(outcome for outcome in report if not outcome.ok))


class MemberLines(BaseDisplay):
    """A display of what came of each node in the end, a line each, on stdout."""

    __slots__ = ("_screen",)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, event: object) -> None:
        if not isinstance(event, Finished):
            return
        outcome = event.outcome
        reason = f": {outcome.reason}" if outcome.reason else ""
        text = f"is a member{reason}" if outcome.ok else f"{outcome.kind}{reason}"
        self._screen.print(printable(f"{event.node}: {text}"))
