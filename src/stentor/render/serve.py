"""What ``serve doctor`` found, for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from stentor.render.screen import Screen
from stentor.render.style import paint, printable
from stentor.render.wrap import hanging

_STYLES = {"bad": "bad", "warning": "warning", "note": "quiet", "ok": "good"}


class Check(Protocol):
    """Something that was looked at."""

    @property
    def severity(self) -> str:
        """``bad``, ``warning``, ``note`` or ``ok``."""

    @property
    def what(self) -> str:
        """One line."""

    @property
    def hint(self) -> str:
        """What to do next; empty for nothing."""


def show_checks(screen: Screen, found: Iterable[Check]) -> None:
    """Say what was found, a hint below it."""
    for one in found:
        label = paint(f"{one.severity:<7}", _STYLES[one.severity], screen.colour_out)
        screen.print(f"{label}  {hanging(printable(one.what), 9, screen.columns)}")
        if one.hint:
            screen.print(f"         {printable(one.hint)}")
