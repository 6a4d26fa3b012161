"""``stentor reap``: clean up processes that interrupted runs left on their nodes.

``run`` starts this by itself, when it is killed or when it finds that another one was; it is listed
so that it can be started by hand.
"""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

EXAMPLES = """
stentor reap        clean up processes left by interrupted runs, and close those runs in the journal
"""


def configure(parser: Parser) -> None:
    """There are no arguments."""
    del parser


def handle(_: argparse.Namespace, context: Context) -> int:
    """Finish each interrupted operation."""
    from stentor.api.reap import reap_operations

    for found in reap_operations(context.environ):
        context.stdout.write(f"operation {found.operation}: {found.node}: {found.remote}\n")
    return 0
