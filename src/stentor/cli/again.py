"""A survey which is made once, or again and again."""

from __future__ import annotations

import argparse
from typing import Protocol

from stentor.cli.context import Context
from stentor.render.screen import Screen
from stentor.render.watch import Watched, rounds, watch


class Survey(Watched, Protocol):
    """What a command looks at.

    Attributes:
        code: the exit code after the last round.
    """

    code: int

    def show(self) -> None:
        """Print what the only round has found."""


def survey(
    made: Survey, every: float | None, arguments: argparse.Namespace, context: Context, screen: Screen
) -> int:
    """Make one round and show it, or many; return the exit code.

    Args:
        made: the survey.
        every: seconds between two rounds; None for a single one.
        arguments: with ``count``, ``json`` and perhaps ``quiet``.
        context: for the terminal's size.
        screen: where to draw.
    """
    if every is None:
        made.round()
        made.show()
        return made.code
    try:
        watch(
            made,
            rounds(every, arguments.count),
            every,
            screen=screen,
            size=lambda: (context.width(), context.height()),
            silent=arguments.json or getattr(arguments, "quiet", False),
        )
    except KeyboardInterrupt:
        return 0  # this is how a watch ends, no error
    return made.code
