"""The steps of ``stentor tour`` on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.render.style import paint
from stentor.render.wrap import fill

if TYPE_CHECKING:
    from stentor.render.screen import Screen


class TourView:
    """Writes what a step explains, and the commands that it runs."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def step(self, number: str, text: str, lines: Sequence[str]) -> None:
        """Write a step: its number, what it shows, its commands."""
        self.text("")
        told = fill(f"{number}: {text}", self._screen.width).split("\n")
        self._screen.lines([told[0].replace(number, self._strong(number), 1), *told[1:]])
        for line in lines:  # whole, to be copied
            self._screen.print("  " + self._strong(f"$ stentor {line}"))

    def text(self, text: str) -> None:
        """Write a paragraph, broken between words."""
        self._screen.lines(fill(text, self._screen.width).split("\n"))

    def end(self, text: str) -> None:
        """Write what comes next: lines with columns stay as they are."""
        self._screen.lines(["", *text.splitlines()])

    def _strong(self, text: str) -> str:
        return paint(text, "strong", self._screen.colour_out)
