"""``stentor shell``: an interactive prompt for a fleet."""

from __future__ import annotations

import argparse

from stentor import extras
from stentor.cli.commands.shell.intent import VIEWS
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import Refused

EXAMPLES = """
stentor shell                    a prompt for all nodes; ':help' in it says what can be typed
stentor shell @gpu               for these; '@core' alone on a line changes to others
stentor shell --view stream      output as it comes, each line behind its node's name
"""


def configure(parser: Parser) -> None:
    views = f"how output is shown: {', '.join(VIEWS[:-1])} or {VIEWS[-1]} (default: auto; docs/run.md)"
    parser.add_argument("--view", choices=VIEWS, default="auto", metavar="VIEW", help=views)
    parser.add_argument("--no-history", action="store_true", help="remember no lines between two shells")
    parser.add_argument("selector", nargs="?", default="@all", metavar="SELECTOR", help="default: all nodes")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if not (context.stdin.isatty() and context.stdout.isatty()):
        raise Refused(
            "stentor shell is for a person at a terminal", hint="in a script: stentor run SELECTOR COMMAND"
        )
    try:
        import prompt_toolkit  # noqa: F401 - whether it is there
    except ModuleNotFoundError:
        raise extras.lacking("stentor shell", "shell") from None
    from stentor.cli.commands.shell.loop import Shell

    return Shell(arguments, context).loop()
