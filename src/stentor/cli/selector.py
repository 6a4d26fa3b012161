"""Which nodes a command is for, and how long it waits for one: the same words in every command."""

from __future__ import annotations

import argparse

from stentor.cli.dispatch import Parser
from stentor.cli.times import seconds
from stentor.errors import SelectorError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from stentor.api.fleet import Fleet, Selection
    from stentor.fleet.model import Node


def add_nodes(parser: Parser) -> None:
    """Add ``[SELECTOR ...]``, all nodes by default; :func:`expression` reads it."""
    parser.add_argument("selector", nargs="*", metavar="SELECTOR", help="which nodes (default: all)")


def add_connect_timeout(parser: Parser, *, note: str = "") -> None:
    """Add ``--connect-timeout``, in seconds.

    Args:
        parser: the command's.
        note: what the help says behind the default.
    """
    parser.add_argument(
        "-t",
        "--connect-timeout",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help=f"until a silent node is given up (default: 5{note})",
    )


def expression(arguments: argparse.Namespace) -> str:
    """Return the selector of these arguments; words are joined by commas, none at all are ``@all``.

    An empty word stays empty, and so an error: it is a variable that is not set, not the wish for all nodes.
    """
    return ",".join(arguments.selector) if arguments.selector else "@all"


def some(fleet: Fleet, words: str) -> Selection:
    """Select nodes, at least one.

    Raises:
        SelectorError: the words name what is not there, or no node at all.
    """
    selection = fleet.select(words)
    if not selection.nodes:
        raise SelectorError("no node is left of this selection", where=words)
    return selection


def pick(nodes: tuple[Node, ...], count: int, chance: Random) -> tuple[Node, ...]:
    """Return so many of these nodes, taken by chance, in their order; all of them where there are no more."""
    places = sorted(chance.sample(range(len(nodes)), min(count, len(nodes))))
    return tuple(nodes[place] for place in places)
