"""``stentor check``: check the fleet files and list all faults, and what should be known besides."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import suppress

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fleet.check import Checked
    from stentor.probe.advice import Advice

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
    from stentor.fleet.load import find_and_check, shown
    from stentor.probe.advice import advice, rejected

    started = time.monotonic()
    path = arguments.path or arguments.fleet
    location, checked = find_and_check(path, environ=context.environ, cwd=os.getcwd())
    of_ssh = rejected(checked.fleet, context.environ) if checked.fleet else []
    faults = (*checked.faults, *of_ssh)
    code = FleetError.exit_code if faults else 0
    if arguments.quiet:
        return code
    fleet, root = checked.fleet, shown(location.root, os.getcwd())
    told = advice(fleet, fleet.nodes.values(), context.environ) if fleet and not of_ssh else []
    told += _of_images(checked, context)
    if arguments.json:
        from stentor.render.json_fleet import Advice, Check, Fault
        from stentor.render.json_lines import JsonLines

        header = Check(
            fleet=location.root,
            nodes=len(fleet.nodes) if fleet else None,
            groups=len(fleet.groups) if fleet else None,
            faults=len(faults),
        )
        lines = JsonLines(context.screen(), header)
        lines.write(*(Fault.of(fault) for fault in faults))
        lines.write(*(Advice(one.node, one.what, one.hint) for one in told))
        lines.report((), code=code, seconds=time.monotonic() - started)
        return code
    from stentor.render.fleet import show_advice, show_faults

    show_faults(context.screen(), faults)
    show_advice(context.screen(), told)
    if fleet is None:
        context.stderr.write(f"{_counted(len(checked.faults), 'fault')} in {root}\n")
    elif of_ssh:
        context.stderr.write(f"{_counted(len(of_ssh), 'fault')} in the configuration of ssh\n")
    else:
        nodes, groups = _counted(len(fleet.nodes), "node"), _counted(len(fleet.groups) - 1, "group")
        context.stderr.write(f"{root} is valid: {nodes}, {groups}\n")
    return code


def _of_images(checked: Checked, context: Context) -> list[Advice]:
    """Images that are for other machines than their nodes; facts of an earlier time will do."""
    from stentor.api.base import BaseFleet
    from stentor.fleet.service import CONTAINER
    from stentor.probe.advice import Advice
    from stentor.services.platforms import unfit

    fleet, services = checked.fleet, checked.services.services if checked.services else {}
    files = [put for service in services.values() for put in service.files if put.label == "compose"]
    if not fleet or not (files or any(service.kind == CONTAINER for service in services.values())):
        return []
    known = BaseFleet(fleet, environ=context.environ).facts()
    machines = {
        alias: node.arch or str(known.get(alias, {}).get("arch") or "") for alias, node in fleet.nodes.items()
    }
    texts = {}
    for put in files:
        with suppress(OSError), open(os.path.join(fleet.root, put.source), "rb") as file:
            texts[put.source] = file.read()
    return [Advice(*one) for one in unfit(services, machines, texts)]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
