"""Webhooks for people: what they received, and trials of them."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.hook_trial import Trial
from stentor.hooks.delivery import HEADS
from stentor.hooks.queue import Delivered
from stentor.render.history import when
from stentor.render.screen import Screen
from stentor.render.style import printable
from stentor.render.table import Cell, columns

_STYLES = {"done": "good", "failed": "bad", "reverted": "bad", "refused": "warning"}


def show_deliveries(screen: Screen, found: Sequence[Delivered], now: float) -> None:
    """Print what came, the newest first."""
    rows: list[list[str | Cell]] = [
        [
            str(one.id),
            when(one.at, now),
            printable(one.hook),
            printable(one.event),
            printable(f"{one.ref.removeprefix(HEADS)} {one.after[:10]}".strip()),
            Cell(one.state, _STYLES.get(one.state, "")),
            printable(one.reason) + (f" (operation {one.operation})" if one.operation else ""),
        ]
        for one in found
    ]
    screen.table(columns("ID WHEN WEBHOOK EVENT WHAT STATE REASON", right="ID", text="REASON", WHAT=12), rows)


def _unmet(trial: Trial) -> str:
    return f"not {trial.expected}" if trial.expected else "failed"


def show_trials(screen: Screen, found: Sequence[Trial]) -> None:
    """Print trials, a line each."""
    rows: list[list[str | Cell]] = [
        [
            trial.hook,
            trial.forge,
            trial.what,
            Cell("ok" if trial.ok else _unmet(trial), "good" if trial.ok else "bad"),
            printable(f"{trial.status or ''} {trial.text}".strip()),
        ]
        for trial in found
    ]
    screen.table(columns("WEBHOOK FORGE DELIVERY RESULT ANSWER", text="ANSWER"), rows)
