"""``stentor report``: the state of the fleet as a document that can be committed."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_delivery, add_nodes, expression
from stentor.cli.times import count

EXAMPLES = """
stentor report                        as Markdown, from the fleet file and the journal
stentor report -o STATUS.md           into a file, to be committed
stentor report '@all,zrtr'            of all nodes, and of a retired one that is named
stentor report --check STATUS.md      fails if the file is stale, and shows the difference
stentor report --format html -o fleet.html   one self-contained page, with a map
stentor facts && stentor needs && stentor report -o STATUS.md   after collecting again
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    parser.add_argument(
        "--format", choices=["md", "html"], help="default: by the file's ending, else md (Markdown)"
    )
    add_delivery(parser)
    parser.add_argument(
        "--operations",
        type=count,
        default=10,
        metavar="N",
        help="number of operations (default: 10; 0: none)",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write or compare the report; no node is contacted."""
    from stentor.cli.document import deliver
    from stentor.probe.report import comparable

    path: str | None = arguments.output or arguments.check
    ending = (path or "").rpartition(".")[2].lower()
    form = arguments.format or ("html" if ending in ("html", "htm") else "md")
    fleet = context.fleet(arguments.fleet)
    text = fleet.report(form, selector=expression(arguments), operations=arguments.operations)
    return deliver(arguments, context, text, command="stentor report", comparable=comparable)
