"""``stentor lab``: a practice fleet of real sshds on this machine."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs
from stentor.errors import UsageError
from stentor.sh.quoting import quote

if TYPE_CHECKING:
    from stentor.lab import Lab

EXAMPLES = """
stentor lab up                          five nodes, two of them down
eval "$(stentor lab up)"                and let this shell's stentor use them
stentor lab up --nodes 50 --dir /tmp/l  fifty nodes in a lab of their own
stentor lab status                      what is up, and what is broken
stentor lab break drtr hang             its sshd accepts connections and sends nothing
stentor lab heal drtr                   undo that
stentor lab down                        end every process, remove every file
"""

# In the help of each verb only.
MORE_EXAMPLES = """
stentor lab reboot drtr                 off, and on again at once
stentor lab reboot drtr --off 30        half a minute later
"""

VERBS = {
    "up": "start the practice fleet, or repair it",
    "status": "show the state of its nodes",
    "break": "put a fault on nodes",
    "heal": "undo all faults; a node which is off starts",
    "reboot": "switch nodes off and on again",
    "down": "end every process and remove every file",
}


WHERE = "where the lab is (default: that of $STENTOR_FLEET, else the state directory)"


def configure(parser: Parser) -> None:
    table = verbs(parser, VERBS)
    for sub in table.values():
        sub.add_argument("-d", "--dir", metavar="DIR", help=WHERE)
    up = table["up"]
    add = up.add_argument
    add("-n", "--nodes", type=int, metavar="N", help="N numbered nodes in place of the five named ones")
    add(
        "-b",
        "--backend",
        metavar="NAME",
        help="bwrap, unshare, plain (default: the first which works), or full: a Debian 13, as root",
    )
    add(
        "-s",
        "--shell",
        action="append",
        default=[],
        metavar="[NODE=]SHELL",
        help="login shell (default: bash)",
    )
    add("--max-sessions", type=int, default=100, metavar="N", help="sshd's MaxSessions (default: 100)")
    add("-a", "--all-up", action="store_true", help="start also the nodes which are down by default")
    for verb in ("break", "reboot"):
        table[verb].add_argument("node", metavar="NODE", help="alias; several with commas")
    table["break"].add_argument("fault", metavar="FAULT", help="see below; some take =VALUE")
    table["break"].epilog = _faults()
    table["heal"].add_argument(
        "node", metavar="NODE", nargs="?", help="alias; several with commas (default: all)"
    )
    table["reboot"].add_argument(
        "-o", "--off", type=float, default=0.0, metavar="SECONDS", help="how long it stays off (default: 0)"
    )
    table["status"].add_argument("-j", "--json", action="store_true", help="JSON Lines")


def _faults() -> str:
    from stentor.lab.faults import FAULTS

    longest = max(map(len, FAULTS))
    return "faults:\n" + "\n".join(f"  {name:<{longest}}  {fault.summary}" for name, fault in FAULTS.items())


def handle(arguments: argparse.Namespace, context: Context) -> int:
    verb = {"up": _up, "status": _status, "break": _break, "heal": _heal, "reboot": _reboot, "down": _down}[
        arguments.verb
    ]
    return verb(arguments, context)


def _place(arguments: argparse.Namespace, context: Context) -> str | None:
    """Which lab is meant: ``--dir``, else the one this shell's fleet belongs to, else the default."""
    fleet = arguments.fleet or context.environ.get("STENTOR_FLEET")
    if arguments.dir or not fleet:
        return arguments.dir or None
    place = os.path.dirname(os.path.abspath(fleet))
    return place if os.path.exists(f"{place}/lab.json") else None


def _open(arguments: argparse.Namespace, context: Context) -> Lab:
    from stentor.lab import open_lab

    return open_lab(_place(arguments, context), context.environ)


def _up(arguments: argparse.Namespace, context: Context) -> int:
    from stentor import lab as labs

    lab = labs.up(
        _place(arguments, context),
        nodes=arguments.nodes,
        backend=arguments.backend,
        shells=arguments.shell,
        max_sessions=arguments.max_sessions,
        all_up=arguments.all_up,
        environ=context.environ,
        say=lambda line: print(line, file=context.stderr, flush=True),
    )
    states = [status.state for status in lab.status()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    note = "".join(f"; {limit}" for limit in lab.limits)
    for trouble in lab.skipped:
        context.stderr.write(f"note: {trouble}\n")
    context.stderr.write(f"{_nodes(len(states))}: {counts} ({lab.backend.name}{note})\n")
    if context.stdout.isatty():  # else an eval or a file takes the line
        context.stderr.write("to use them, paste:\n")
    context.stdout.write(f"export STENTOR_FLEET={quote(str(lab.fleet_dir))}\n")
    return 0


def _status(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    rows = lab.status()
    if arguments.json:
        from stentor.render import json_fleet
        from stentor.render.json_lines import JsonLines

        header = json_fleet.Lab(
            directory=str(lab.directory),
            fleet=str(lab.fleet_dir),
            backend=lab.backend.name,
            limits=list(lab.limits),
        )
        lines = JsonLines(context.screen(), header)
        lines.write(*(json_fleet.LabNode.of(row, node=row.alias) for row in rows))
    else:
        from stentor.render.fleet import show_lab

        show_lab(context.screen(), rows)
        context.stderr.write(f"{lab.backend.name} nodes in {lab.directory}\n")
    return 1 if any(row.state == "dead" for row in rows) else 0


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _down(arguments: argparse.Namespace, context: Context) -> int:
    from pathlib import Path

    from stentor.lab.directory import default_directory, load

    place = Path(_place(arguments, context) or default_directory(context.environ))
    if load(place) is None:
        context.stderr.write(f"there is no lab in {place}\n")
        return 0
    lab = _open(arguments, context)
    lab.down()
    context.stderr.write(f"{_nodes(len(lab.nodes))} ended, {lab.directory} removed\n")
    return 0


def _break(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.lab.faults import FAULTS

    if arguments.node in FAULTS:
        hint = f"stentor lab break {arguments.fault} {arguments.node}"
        raise UsageError("the node comes first, then the fault", hint=hint)
    lab = _open(arguments, context)
    for alias in arguments.node.split(","):
        lab.break_(alias, arguments.fault)
        context.stderr.write(f"{alias}: {arguments.fault}; to undo: stentor lab heal {alias}\n")
    return 0


def _heal(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    asked = arguments.node.split(",") if arguments.node else [None]
    healed = [alias for one in asked for alias in lab.heal(one)]
    context.stderr.write(f"healed: {', '.join(healed)}\n" if healed else "no node is broken\n")
    return 0


def _reboot(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    for alias in arguments.node.split(","):
        lab.reboot(alias, arguments.off)
        context.stderr.write(f"{alias} is up again\n")
    return 0
