"""``stentor diff``: two operations, node by node."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

if TYPE_CHECKING:
    from stentor.journal.operation import Record
    from stentor.render.screen import Screen

EXAMPLES = """
stentor diff 17 23             what changed on each node from operation 17 to 23
stentor diff @last~1 @last     the last two
stentor diff --json 17 23      for programs
"""


def configure(parser: Parser) -> None:
    parser.add_argument("one", metavar="A", help="the earlier operation: a number, @last~1")
    parser.add_argument(
        "other", metavar="B", nargs="?", default="@last", help="the later one (default: @last)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Compare; like diff(1), exit with 1 if there is a difference."""
    from stentor.api.history import past_operation
    from stentor.render import history as past

    root = context.fleet_root(arguments.fleet)
    one, other = (past_operation(context.environ, which, root) for which in (arguments.one, arguments.other))
    screen = context.screen()
    if one.command != other.command:
        screen.say(f"note: {one.id} was '{past.first_line(one)}', {other.id} '{past.first_line(other)}'")
    if arguments.json:
        return _json(screen, one, other)
    differs = past.show_difference(screen, one, other)
    if not differs:
        screen.say(f"no difference on {len(one.nodes)} node{'' if len(one.nodes) == 1 else 's'}")
    return int(differs)


def _json(screen: Screen, one: Record, other: Record) -> int:
    from stentor.render.history import node_record_of
    from stentor.render.json_history import Compared, Diff
    from stentor.render.json_lines import JsonLines

    lines = JsonLines(screen, Diff(one=one.id, other=other.id))
    before, after = ({node.node: node_record_of(node) for node in side.nodes} for side in (one, other))
    differs = False
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        same = all(getattr(old, key, old) == getattr(new, key, new) for key in _COMPARED)
        differs |= not same
        lines.write(Compared(name, same, old, new))
    return int(differs)


_COMPARED = ("kind", "code", "stdout", "stderr")
