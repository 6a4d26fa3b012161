"""``stentor lab``: a practice fleet of real sshds on this machine."""

from __future__ import annotations

import argparse
import json
import shlex

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs

EXAMPLES = """
stentor lab up                          five lifelike nodes, two of them down
eval "$(stentor lab up)"                and point this shell's stentor at them
stentor lab up --nodes 50 --dir /tmp/l  fifty nodes, apart from the first lab
stentor lab status                      what is up, and what is broken
stentor lab break drtr hang             its sshd accepts connections and says nothing
stentor lab heal drtr                   and all is well again
stentor lab down                        end every process, remove every file
"""

VERBS = {
    "up": "start the practice fleet, or mend it",
    "status": "how its nodes fare",
    "break": "put a fault on a node",
    "heal": "take faults away",
    "down": "end it; nothing is left",
}


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    table = verbs(parser, VERBS)
    for sub in table.values():
        sub.add_argument(
            "-d", "--dir", metavar="DIR", help="where the lab lives (default: the state directory)"
        )
    up = table["up"]
    up.add_argument(
        "-n", "--nodes", type=int, metavar="N", help="N numbered nodes instead of the five named ones"
    )
    up.add_argument("-b", "--backend", metavar="NAME", help="bwrap, unshare or plain; the first which works")
    up.add_argument(
        "-s",
        "--shell",
        action="append",
        default=[],
        metavar="[NODE=]SHELL",
        help="login shell (default: bash)",
    )
    up.add_argument(
        "--max-sessions", type=int, default=100, metavar="N", help="sshd's MaxSessions (default: 100)"
    )
    up.add_argument(
        "-a", "--all-up", action="store_true", help="start also the nodes which are down by default"
    )
    table["status"].add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do what the verb says."""
    verb = {"up": _up, "status": _status, "down": _down}[arguments.verb]
    return verb(arguments, context)


def _up(arguments: argparse.Namespace, context: Context) -> int:
    from stentor import lab as labs

    lab = labs.up(
        arguments.dir,
        nodes=arguments.nodes,
        backend=arguments.backend,
        shells=arguments.shell,
        max_sessions=arguments.max_sessions,
        all_up=arguments.all_up,
        environ=context.environ,
    )
    states = [status.state for status in lab.status()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    note = "; plain sshds: hostname and account are this machine's" if lab.backend == "plain" else ""
    context.stderr.write(f"{len(states)} nodes: {counts} ({lab.backend}{note})\nto use them, paste:\n")
    context.stdout.write(f"export STENTOR_FLEET={shlex.quote(str(lab.fleet_dir))}\n")
    return 0


def _status(arguments: argparse.Namespace, context: Context) -> int:
    from stentor import lab as labs

    lab = labs.open_lab(arguments.dir, context.environ)
    rows = lab.status()
    if arguments.json:
        header = {
            "type": "lab",
            "stentor": 1,
            "directory": str(lab.directory),
            "fleet": str(lab.fleet_dir),
            "backend": lab.backend,
        }
        context.stdout.write(json.dumps(header) + "\n")
        for row in rows:
            context.stdout.write(json.dumps({"type": "node", **row._asdict()}) + "\n")
    else:
        lines = [("NODE", "STATE", "ADDRESS", "PROCESSES", "FAULTS")]
        for row in rows:
            faults = " ".join(fault for fault in row.faults if fault != row.state)
            lines.append((row.alias, row.state, f"{row.address}:{row.port}", str(row.processes), faults))
        widths = [max(len(line[column]) for line in lines) for column in range(5)]
        for line in lines:
            text = "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True))
            context.stdout.write(text.rstrip() + "\n")
        context.stderr.write(f"{lab.backend} nodes in {lab.directory}\n")
    return 1 if any(row.state == "dead" for row in rows) else 0


def _down(arguments: argparse.Namespace, context: Context) -> int:
    from stentor import lab as labs

    lab = labs.open_lab(arguments.dir, context.environ)
    lab.down()
    context.stderr.write(f"{len(lab.nodes)} nodes ended, {lab.directory} removed\n")
    return 0
