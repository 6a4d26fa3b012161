"""``stentor masters``: the warm connections, and how to end them."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import expression, named
from stentor.cli.times import bytes_
from stentor.errors import UsageError

EXAMPLES = """
stentor masters               which connections are warm, and since when
stentor masters stop @all     end them all; the next command logs in anew
stentor masters stop @gpu     only those of some nodes
stentor masters stop --over 100M  the least used, until the others need 100 MB
stentor masters --json        for scripts
"""


def configure(parser: Parser) -> None:
    parser.add_argument("verb", nargs="?", choices=["list", "stop"], default="list", help="default: list")
    parser.add_argument(
        "selector", nargs="*", metavar="SELECTOR", help="which nodes; list: all by default, stop: none"
    )
    parser.add_argument(
        "--over",
        metavar="SIZE",
        type=bytes_,
        help="stop: the least used, until the others need no more memory",
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    fleet = context.fleet(arguments.fleet)
    over: int | None = arguments.over
    if over is not None and arguments.verb != "stop":
        raise UsageError("--over says which to stop", hint="stentor masters stop --over SIZE")
    if arguments.verb == "stop" and over is None:
        named(arguments.selector, fleet, "stentor masters stop", asks=False)
    found = fleet.masters()
    if arguments.selector:
        words = expression(arguments)
        wanted = {node.alias for node in fleet.select(words).nodes}
        # Nodes that are no longer in the file have no name: they are among all.
        found = [m for m in found if m.alias in wanted or (words == "@all" and not m.alias)]
    if over is not None:
        found = fleet.least_used_masters(found, over)
    if arguments.verb == "stop":
        failed = [master for master in found if not fleet.stop_master(master)]
        for master in failed:
            context.stderr.write(
                f"stentor: the master of {master.alias or master.path} did not end (pid {master.pid})\n"
            )
        context.stderr.write(f"{len(found) - len(failed)} stopped\n")
        return 1 if failed else 0
    if arguments.json:
        from stentor.render.json_fleet import Master, Masters
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), Masters())
        lines.write(*(Master.of(master, node=master.alias) for master in found))
        return 0
    if not found:
        context.stderr.write("no connection is warm; the first command to a node makes one\n")
        return 0
    from stentor.render.fleet import show_masters

    show_masters(context.screen(), found)
    return 0
