"""``stentor top``: a live screen of many nodes."""

from __future__ import annotations

import argparse

from stentor import extras, terminal
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.foreground import another_stentor
from stentor.cli.selector import some
from stentor.cli.times import seconds
from stentor.errors import Refused

EXAMPLES = """
stentor top                  every node; its keys are in the last line
stentor top @gpu             these
stentor top --interval 2     looked at every 2 seconds
"""


def configure(parser: Parser) -> None:
    parser.add_argument(
        "-i",
        "--interval",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help="between two looks at the nodes (default: 5)",
    )
    parser.add_argument("selector", nargs="?", default="@all", metavar="SELECTOR", help="default: all nodes")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if not (context.stdin.isatty() and context.stdout.isatty()) or context.plain():
        raise Refused("stentor top needs a terminal to draw on", hint="for a table as text: stentor status")
    try:
        import textual  # noqa: F401 - whether it is there
    except ModuleNotFoundError:
        raise extras.lacking("stentor top", "top") from None
    from stentor.render.top.app import Top

    fleet = context.fleet(arguments.fleet)
    selection = some(fleet, arguments.selector)

    def foreground(*words: str, wait: bool = False) -> None:
        code = another_stentor(words, arguments.fleet, context)
        if wait or code:
            prompt = ["/bin/sh", "-c", "printf 'Press Enter to return. '; read -r _"]
            terminal.foreground(prompt, context.environ)

    top = Top(selection, foreground, title=arguments.selector, interval=arguments.interval)
    top.run()
    return top.return_code or 0
