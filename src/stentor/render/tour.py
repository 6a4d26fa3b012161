"""The steps of ``stentor tour`` on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.render.style import paint

if TYPE_CHECKING:
    from stentor.render.screen import Screen


class TourView:
    """Writes what a step explains, and the commands that it runs."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def step(self, number: str, text: str, lines: Sequence[str]) -> None:
        """Write a step: its number, what it shows, its commands."""
        self.text("")
        self.text(f"{self._strong(number)}  {text}")
        for line in lines:
            self.text("  " + self._strong(f"$ stentor {line}"))

    def text(self, text: str) -> None:
        """Write lines."""
        for line in text.split("\n"):
            self._screen.print(line)

    def _strong(self, text: str) -> str:
        return paint(text, "strong", self._screen.colour_out)
