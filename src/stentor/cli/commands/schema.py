"""``stentor schema``: the JSON Schema of the fleet files, and of what ``--json`` writes."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

EXAMPLES = """
stentor schema                                     of nodes.yaml
stentor schema policy                              of policy.yaml
stentor schema json                                of each line which --json writes
stentor schema > ssot/nodes.schema.json            for editors (docs/fleet-file.md)
"""


def configure(parser: Parser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        choices=["nodes", "policy", "services", "json"],
        default="nodes",
        help="default: nodes",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    import json

    if arguments.file == "json":
        from stentor.render.json_schema import schema

        made = schema()
    else:
        from stentor.fleet.schema import json_schema

        made = json_schema(arguments.file)
    context.stdout.write(json.dumps(made, indent=2) + "\n")
    return 0
