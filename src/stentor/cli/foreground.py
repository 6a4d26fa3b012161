"""Lend the terminal to another stentor."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from stentor import terminal
from stentor.cli.context import Context


def another_stentor(words: Sequence[str], directory: str | None, context: Context) -> int:
    """Run a command of stentor as a process of its own, since some become another program; return its code.

    Args:
        directory: of the fleet, as it was given.
    """
    fleet = ["--fleet", directory] if directory else []
    return terminal.foreground([sys.executable, "-m", "stentor", *fleet, *words], context.environ)
