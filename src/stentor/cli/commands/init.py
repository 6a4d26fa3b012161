"""``stentor init``: write a fleet file, a new one or from another tool's files."""

from __future__ import annotations

import argparse
import os

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

EXAMPLES = """
stentor init                                         a commented ssot/nodes.yaml
stentor init ~/fleet --from ssh-config ~/.ssh/config
stentor init --from ansible inventory.yml            YAML or INI, or a folder of them
stentor init --from hosts /etc/hosts
stentor init --from clustershell /etc/clustershell
stentor init --from ansible hosts.ini --print        print only
"""

SOURCES = ("ssh-config", "ansible", "hosts", "clustershell")


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("directory", nargs="?", default="ssot", metavar="DIR", help="default: ssot")
    parser.add_argument(
        "--from",
        nargs=2,
        dest="source",
        metavar=("TOOL", "PATH"),
        help=f"read {', '.join(SOURCES)}; what cannot be converted is listed",
    )
    parser.add_argument("-n", "--print", action="store_true", dest="only_print", help="write to stdout only")
    parser.add_argument("--force", action="store_true", help="replace an existing nodes.yaml")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write the file and its schema."""
    from stentor.errors import Refused
    from stentor.fleet.load import shown as below

    directory = os.path.abspath(arguments.directory)
    path = os.path.join(directory, "nodes.yaml")
    if not arguments.only_print and not arguments.force and os.path.lexists(path):
        raise Refused("exists already", where=path, hint="--force replaces it; --print writes nothing")
    text = _text(arguments, context, directory)
    if arguments.only_print:
        context.stdout.write(text)
        return 0
    _write(directory, path, text)
    shown = below(directory, os.getcwd())
    context.stderr.write(f"wrote {shown}/nodes.yaml, and nodes.schema.json for editors\n")
    found_by_itself = os.path.basename(directory) == "ssot" and os.path.dirname(directory) == os.getcwd()
    option = "" if found_by_itself else f" --fleet {shown}"
    context.stderr.write(f"next: stentor{option} check; stentor{option} nodes\n")
    return 0


def _text(arguments: argparse.Namespace, context: Context, directory: str) -> str:
    from stentor.errors import FleetError, UsageError
    from stentor.fleet.check import Source, check
    from stentor.fleet.importers.write import empty, text_of
    from stentor.fleet.suggest import did_you_mean
    from stentor.render.fleet import say_not_converted

    if not arguments.source:
        return empty(os.uname().nodename)
    tool, origin = arguments.source
    if tool not in SOURCES:
        listed = "supported: " + ", ".join(SOURCES)
        raise UsageError(f"'{tool}' is not supported", hint=did_you_mean(tool, SOURCES, otherwise=listed))
    from stentor.fleet.importers.open import import_from

    found = import_from(tool, os.path.expanduser(origin), context.environ)
    if found.ssh_config:
        found.ssh_config = os.path.relpath(found.ssh_config, directory)
    text = text_of(found, f"{tool} {origin}")
    faults = check([Source("nodes", "nodes.yaml", text.encode("utf-8", "replace"))], directory).faults
    if faults:
        first = faults[0]
        raise FleetError(
            f"the converted fleet has a fault: {first.what}",
            where=origin,
        )
    say_not_converted(context.screen(), found.left)
    context.stderr.write(f"nodes: {len(found.nodes)}, groups: {len(found.groups)}\n")
    return text


def _write(directory: str, path: str, text: str) -> None:
    import json

    from stentor.atomic_write import write
    from stentor.errors import FleetError
    from stentor.fleet.schema import json_schema

    try:
        os.makedirs(directory, exist_ok=True)
        write(os.path.join(directory, "nodes.schema.json"), json.dumps(json_schema("nodes"), indent=2) + "\n")
        write(path, text, errors="replace")
    except OSError as error:
        raise FleetError(f"cannot be written: {error.strerror}", where=error.filename or path) from None
