"""The selector and the timeout that all commands share."""

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
        note: added to the default in the help.
    """
    parser.add_argument(
        "-t",
        "--connect-timeout",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help=f"until a node is given up (default: 5{note})",
    )


def expression(arguments: argparse.Namespace) -> str:
    """Return the selector of these arguments; words are joined by commas, none at all are ``@all``.

    An empty word stays empty, and so an error: it is a variable that is not set.
    """
    return ",".join(arguments.selector) if arguments.selector else "@all"


def some(fleet: Fleet, words: str) -> Selection:
    """Select nodes, at least one.

    Raises:
        SelectorError: the words name nothing that exists, or no node.
    """
    selection = fleet.select(words)
    if not selection.nodes:
        raise SelectorError("no node is selected", where=words)
    return selection


def pick(nodes: tuple[Node, ...], count: int, chance: Random) -> tuple[Node, ...]:
    """Return ``count`` of these nodes chosen at random, in their order; all if there are not more."""
    places = sorted(chance.sample(range(len(nodes)), min(count, len(nodes))))
    return tuple(nodes[place] for place in places)
