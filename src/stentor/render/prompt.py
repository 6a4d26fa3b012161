"""How the prompt of ``stentor shell`` is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.render.names import brief

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.styles import Style

    from stentor.render.screen import Screen

_COLOURS = {"failed": "ansired", "selector": "ansicyan bold"}


def style(screen: Screen) -> Style:
    """Return prompt_toolkit's style, without colours where the screen has none."""
    from prompt_toolkit.styles import Style

    return Style.from_dict(_COLOURS if screen.colour_out else {})


def prompt(code: int, selector: str, count: int) -> StyleAndTextTuples:
    """Return the prompt: the last line's exit code if it failed, the nodes and their number."""
    failed = [("class:failed", f"[{code}] ")] if code else []
    return [*failed, ("class:selector", selector), ("", f" ({count})> ")]


def nodes_line(screen: Screen, aliases: Sequence[str]) -> str:
    """Return how many nodes there are and, as far as there is room, which."""
    count = f"{len(aliases)} node{'s' if len(aliases) > 1 else ''}"
    return f"{count}: {brief(aliases, max(screen.width - 50, 30))}"
