"""``stentor services docs``: a page of what runs where."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_delivery


def configure(parser: Parser) -> None:
    """Add the options."""
    add_delivery(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write or compare the page; no node is contacted."""
    from stentor.api import services as api
    from stentor.cli.document import deliver
    from stentor.services.docs import page

    text = page(api.read(context.fleet(arguments.fleet)))
    return deliver(arguments, context, text, command="stentor services docs")
