"""``stentor show``: one operation of the journal."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import UsageError

if TYPE_CHECKING:
    from stentor.journal.operation import Record
    from stentor.render.screen import Screen

EXAMPLES = """
stentor show                    the last operation: what, who, every node's outcome and output
stentor show 17                 operation 17 of 'stentor history'
stentor show @last~1            the one before the last
stentor show 17 --node prtr     what prtr wrote, as it wrote it
stentor show --diff             how the few differ from the many
stentor show --json             for programs
"""


def configure(parser: Parser) -> None:
    parser.add_argument(
        "id", metavar="ID", nargs="?", default="@last", help="a number, @last (default), @last~1"
    )
    views = parser.add_mutually_exclusive_group()
    views.add_argument("--node", metavar="NODE", help="only this node's output, stdout and stderr apart")
    views.add_argument("-b", "--gather", action="store_true", help="only the output, identical output merged")
    views.add_argument("--diff", action="store_true", help="only the differences from the most common output")
    views.add_argument(
        "--steps", action="store_true", help="only the steps, for operations that have several"
    )
    views.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.history import past_operation, steps_of
    from stentor.render import history as past

    record = past_operation(context.environ, arguments.id, context.fleet_root(arguments.fleet))
    way = steps_of(context.environ, record.id)
    screen = context.screen()
    if arguments.json:
        from stentor.render.json_history import Show
        from stentor.render.json_lines import JsonLines
        from stentor.render.json_operation import StepLine

        lines = JsonLines(screen, Show())
        lines.write(past.record_of(record, output=True))
        lines.write(*(StepLine(node, text, at=at) for at, node, text in way))
        return 0
    if arguments.node:
        return _one(arguments.node, record, screen)
    if arguments.steps:
        for at, node, text in way:
            stamp = time.strftime("%H:%M:%S", time.localtime(at))
            screen.print(f"{stamp}  {node + ': ' if node else ''}{text}")
        return 0
    if not arguments.gather and not arguments.diff:
        past.show_details(screen, record)
        if any(node.stdout.data or node.stderr.data for node in record.nodes):
            screen.print("")
    _output(record, screen, diff=arguments.diff)
    return 0


def _one(name: str, record: Record, screen: Screen) -> int:
    there = {node.node: node for node in record.nodes}
    if name not in there:
        raise UsageError(
            f"{name} is not a node of operation {record.id}", hint="its nodes are " + ", ".join(there)
        )
    screen.out(there[name].stdout.text())
    screen.err(there[name].stderr.text())
    return 0


def _output(record: Record, screen: Screen, *, diff: bool) -> None:
    from stentor.outcome import Report
    from stentor.render.diff import Diff
    from stentor.render.gather import Gather
    from stentor.render.history import replay

    nodes = [node.node for node in record.nodes]
    display = Diff(screen, nodes) if diff else Gather(screen, nodes)
    for event in replay(record):
        display.show(event)
    display.end(Report(node.outcome for node in record.nodes if node.kind))
