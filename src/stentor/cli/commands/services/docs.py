"""``stentor services docs``: a page of what runs where."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser


def configure(parser: Parser) -> None:
    """Add the options."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-o", "--output", metavar="FILE", help="write to this file in one step")
    group.add_argument("-c", "--check", metavar="FILE", help="compare; 1 if the file is stale")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write or compare the page; no node is contacted."""
    from stentor.api import services as api
    from stentor.cli.document import deliver
    from stentor.services.docs import page

    text = page(api.read(context.fleet(arguments.fleet)))
    return deliver(
        context, text, output=arguments.output, check=arguments.check, command="stentor services docs"
    )
