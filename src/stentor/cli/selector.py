"""The options that commands share: the selector, whom to log in as, how many at once, how long."""

from __future__ import annotations

import argparse

from stentor.cli.dispatch import Parser
from stentor.cli.times import count, seconds
from stentor.errors import SelectorError, UsageError
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from stentor.api.fleet import Fleet, Selection
    from stentor.fleet.model import Node


def add_nodes(parser: Parser) -> None:
    """Add ``[SELECTOR ...]``, all nodes by default; :func:`expression` reads it."""
    parser.add_argument("selector", nargs="*", metavar="SELECTOR", help="which nodes (default: all)")


def add_selector(parser: Parser) -> None:
    """Add ``SELECTOR``, which has no default."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")


def add_connect_timeout(parser: Any, *, note: str = "") -> None:
    """Add ``--connect-timeout``; the note is added to the default in the help."""
    help_text = f"for the login to a node (default: 5s{note})"
    parser.add_argument("-t", "--connect-timeout", type=seconds, default=5.0, metavar="TIME", help=help_text)


def add_timeout(parser: Parser, default: float, what: str = "on each node") -> None:
    """Add ``--timeout`` with a default in seconds."""
    help_text = f"{what} (default: {default:g}s)"
    parser.add_argument("--timeout", type=seconds, default=default, metavar="TIME", help=help_text)


def add_user(parser: Any) -> None:
    """Add ``--user``."""
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME")


def add_window(parser: Any) -> None:
    """Add ``--window``."""
    help_text = "nodes at once; 0 for no limit (default: 128)"
    parser.add_argument("-f", "--window", metavar="N", type=count, default=128, help=help_text)


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


def one(fleet: Fleet, words: str, hint: str = "") -> Node:
    """Select exactly one node.

    Raises:
        UsageError: the words name none, or several.
    """
    nodes = fleet.select(words).nodes
    if len(nodes) != 1:
        raise UsageError(f"'{words}' names {len(nodes)} nodes; name one", hint=hint)
    return nodes[0]


def pick(nodes: tuple[Node, ...], number: int, chance: Random) -> tuple[Node, ...]:
    """Return ``number`` of these nodes chosen at random, in their order; all if there are not more."""
    places = sorted(chance.sample(range(len(nodes)), min(number, len(nodes))))
    return tuple(nodes[place] for place in places)
