"""``stentor lab``: a practice fleet of real sshds on this machine."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, verbs

if TYPE_CHECKING:
    from stentor.lab import Lab

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
    "heal": "take faults away; a node which is off comes up",
    "reboot": "switch a node off and on again",
    "down": "end it; nothing is left",
}


WHERE = "where the lab lives (default: that of $STENTOR_FLEET, else the state directory)"

# Said again here, so that the parser need not import the lab; a test compares the two.
FAULTS = {
    "down": "switched off: no answer, connections time out",
    "power-cut": "everything killed at once; its address refuses",
    "link-cut": "it runs on, but nothing reaches it; sessions go silent",
    "refuse": "it takes no connections; sessions live on",
    "kill-sshd": "its sshd killed, and every session's too",
    "hang": "it takes connections and says nothing",
    "slow-login": "every session begins late (=SECONDS)",
    "denied": "it lets nobody in",
    "host-key-changed": "its host key is another",
    "bash-profile-exits": "login shells end at once with 7",
    "bashrc-exits": "every command ends at once with 9",
    "full-disk": "no room left in its HOME",
    "read-only-home": "its HOME is read-only",
    "clock-skew": "its clock is wrong (=OFFSET, as +1d or -2h)",
}


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    table = verbs(parser, VERBS)
    for sub in table.values():
        sub.add_argument(
            "-d",
            "--dir",
            metavar="DIR",
            help="where the lab lives (default: that of $STENTOR_FLEET, else the state directory)",
        )
    up = table["up"]
    up.add_argument(
        "-n", "--nodes", type=int, metavar="N", help="N numbered nodes instead of the five named ones"
    )
    up.add_argument(
        "-b",
        "--backend",
        metavar="NAME",
        help="bwrap, unshare or plain: the first which works; or full: Debian 13 with systemd, as root",
    )
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
    for verb in ("break", "reboot"):
        table[verb].add_argument("node", metavar="NODE", help="alias; several with commas")
    table["break"].add_argument("fault", metavar="FAULT", help="see below; some take =VALUE")
    table["break"].epilog = _faults()
    table["heal"].add_argument("node", metavar="NODE", nargs="?", help="alias; several with commas; else all")
    table["reboot"].add_argument(
        "-o", "--off", type=float, default=0.0, metavar="SECONDS", help="how long it stays off (default: 0)"
    )
    table["status"].add_argument("-j", "--json", action="store_true", help="JSON Lines")


def _faults() -> str:
    width = max(map(len, FAULTS))
    return "faults:\n" + "\n".join(f"  {name:<{width}}  {summary}" for name, summary in FAULTS.items())


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do what the verb says."""
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
    for trouble in lab.troubles:
        context.stderr.write(f"note: {trouble}\n")
    context.stderr.write(f"{_nodes(len(states))}: {counts} ({lab.backend}{note})\n")
    if context.stdout.isatty():  # else an eval or a file takes the line
        context.stderr.write("to use them, paste:\n")
    context.stdout.write(f"export STENTOR_FLEET={shlex.quote(str(lab.fleet_dir))}\n")
    return 0


def _status(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    rows = lab.status()
    if arguments.json:
        header = {
            "type": "lab",
            "stentor": 1,
            "directory": str(lab.directory),
            "fleet": str(lab.fleet_dir),
            "backend": lab.backend,
            "limits": lab.limits,
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


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _down(arguments: argparse.Namespace, context: Context) -> int:
    from pathlib import Path

    from stentor.lab.places import default_directory, recall

    place = Path(_place(arguments, context) or default_directory(context.environ))
    if recall(place) is None:
        context.stderr.write(f"there is no lab in {place}\n")
        return 0
    lab = _open(arguments, context)
    lab.down()
    context.stderr.write(f"{_nodes(len(lab.nodes))} ended, {lab.directory} removed\n")
    return 0


def _break(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    for alias in arguments.node.split(","):
        lab.break_(alias, arguments.fault)
        context.stderr.write(f"{alias}: {arguments.fault}; to undo: stentor lab heal {alias}\n")
    return 0


def _heal(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    asked = arguments.node.split(",") if arguments.node else [None]
    healed = [alias for one in asked for alias in lab.heal(one)]
    context.stderr.write(f"healed: {', '.join(healed)}\n" if healed else "nothing was broken\n")
    return 0


def _reboot(arguments: argparse.Namespace, context: Context) -> int:
    lab = _open(arguments, context)
    for alias in arguments.node.split(","):
        lab.reboot(alias, arguments.off)
        context.stderr.write(f"{alias} is up again\n")
    return 0
