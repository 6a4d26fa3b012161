"""``stentor check``: check the fleet files and list all faults, and what should be known besides."""

from __future__ import annotations

import argparse
import os
import time

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import FleetError

EXAMPLES = """
stentor check                 the fleet of this directory
stentor check ~/fleet/ssot    another one
stentor check --json          a line for each fault, for editors and CI
"""


def configure(parser: Parser) -> None:
    parser.add_argument("path", nargs="?", metavar="DIR", help="the fleet directory, or a nodes.yaml")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    parser.add_argument("-q", "--quiet", action="store_true", help="only the exit code: 0 valid, 3 faults")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Check, and print each fault with its place and hint."""
    from stentor.api.checking import findings
    from stentor.fleet.load import find_and_check, shown

    started = time.monotonic()
    path = arguments.path or arguments.fleet
    location, checked = find_and_check(path, environ=context.environ, cwd=os.getcwd())
    found = findings(checked, context.environ)
    code = FleetError.exit_code if found.faults else 0
    if arguments.quiet:
        return code
    fleet, root = checked.fleet, shown(location.root, os.getcwd())
    if arguments.json:
        from stentor.render.json_fleet import Advice, Check, Fault
        from stentor.render.json_lines import JsonLines

        header = Check(
            fleet=location.root,
            nodes=len(fleet.nodes) if fleet else None,
            groups=len(fleet.groups) if fleet else None,
            faults=len(found.faults),
        )
        lines = JsonLines(context.screen(), header)
        lines.write(*(Fault.of(fault) for fault in found.faults))
        lines.write(*(Advice(one.node, one.what, one.hint) for one in found.advice))
        lines.report((), code=code, seconds=time.monotonic() - started)
        return code
    from stentor.render.fleet import show_advice, show_faults

    show_faults(context.screen(), found.faults)
    show_advice(context.screen(), found.advice)
    if found.of_files or fleet is None:
        context.stderr.write(f"{_counted(len(found.of_files), 'fault')} in {root}\n")
    elif found.of_ssh:
        context.stderr.write(f"{_counted(len(found.of_ssh), 'fault')} in the configuration of ssh\n")
    else:
        nodes, groups = _counted(len(fleet.nodes), "node"), _counted(len(fleet.groups) - 1, "group")
        context.stderr.write(f"{root} is valid: {nodes}, {groups}\n")
    return code


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
