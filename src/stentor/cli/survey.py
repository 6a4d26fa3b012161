"""One round of looking at nodes, or many with ``--watch``: what ``ping`` and ``status`` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING

from stentor.api.fleet import Selection
from stentor.cli.context import Context
from stentor.cli.dispatch import watch_seconds
from stentor.cli.displays import json_lines, no_nodes, progress_wanted
from stentor.cli.selector import expression
from stentor.render.survey import Seen, Survey, View
from stentor.render.watch import rounds, watch

if TYPE_CHECKING:
    from stentor.fanout.context import Ask
    from stentor.fanout.events import Progress


def survey(
    command: str,
    arguments: argparse.Namespace,
    context: Context,
    view: View[Seen],
    look: Callable[[Selection, Mapping[str, Seen], Ask | None], Generator[Seen | Progress]],
    *,
    hinted: bool = True,
) -> int:
    """Look at the selected nodes and show them; return the exit code.

    Args:
        arguments: with ``json``, ``watch`` and ``count``, perhaps ``quiet``.
        context: for the fleet, and the terminal's size.
        look: looks at nodes, given what the last round has seen, and what asks a person at a login.
        hinted: whether hints say more than the picture.
    """
    every = watch_seconds(arguments)
    words = expression(arguments)
    selection = context.fleet(arguments.fleet).select(words)
    screen = context.screen()
    if not selection.nodes:
        return no_nodes(arguments, screen, command, words)
    silent = arguments.json or getattr(arguments, "quiet", False)
    ask = None if silent or every else context.asking(screen)
    nodes = [node.alias for node in selection.nodes]
    made = Survey(
        screen,
        view,
        selection,
        lambda before: look(selection, before, ask),
        lines=json_lines(arguments, screen, command, nodes, words),
        title=f"stentor {command} {words}",
        live=not silent and not every and progress_wanted(screen, context),
        noticed=not every,
    )
    if every is None:
        try:
            made.round()
        except KeyboardInterrupt:
            return made.interrupted(silent=silent)
        if not silent:
            made.show(hinted=hinted)
        return made.code
    try:
        watch(
            made,
            rounds(every, arguments.count),
            every,
            screen=screen,
            size=context.size,
            silent=silent,
            redraw=not context.plain(),
        )
    except KeyboardInterrupt:
        return 0  # this is how a watch ends, no error
    return made.code
