"""``stentor check``: check the fleet files and list all faults."""

from __future__ import annotations

import argparse
import os

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

EXAMPLES = """
stentor check                 the fleet of this directory
stentor check ~/fleet/ssot    another one
stentor check --json          a line for each fault, for editors and CI
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("path", nargs="?", metavar="DIR", help="the fleet directory, or a nodes.yaml")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    parser.add_argument("-q", "--quiet", action="store_true", help="only the exit code: 0 valid, 3 faults")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Check, and print each fault with its place and hint."""
    from stentor.errors import FleetError
    from stentor.fleet.load import shown, survey

    path = arguments.path or arguments.fleet
    location, checked = survey(path, environ=context.environ, cwd=os.getcwd())
    code = FleetError.exit_code if checked.faults else 0
    if arguments.quiet:
        return code
    fleet, root = checked.fleet, shown(location.root, os.getcwd())
    if arguments.json:
        import json

        lines: list[dict[str, object]] = [{"stentor": 1, "type": "check", "fleet": location.root}]
        lines += [{"type": "fault", **fault._asdict()} for fault in checked.faults]
        counts = {"nodes": len(fleet.nodes), "groups": len(fleet.groups)} if fleet else {}
        lines.append({"type": "report", "faults": len(checked.faults), **counts, "exit_code": code})
        for line in lines:
            context.stdout.write(json.dumps(line) + "\n")
        return code
    screen = context.screen()
    for fault in checked.faults:
        screen.print(f"{screen.painted(fault.where, 'strong')}: {fault.what}")
        if fault.hint:
            screen.print(screen.painted(f"    {fault.hint}", "quiet"))
    if fleet is None:
        context.stderr.write(f"{_counted(len(checked.faults), 'fault')} in {root}\n")
    else:
        nodes, groups = _counted(len(fleet.nodes), "node"), _counted(len(fleet.groups) - 1, "group")
        context.stderr.write(f"{root} is valid: {nodes}, {groups}\n")
    return code


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
