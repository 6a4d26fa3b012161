"""``stentor services``: its verbs and their options."""

from __future__ import annotations

import argparse

from stentor.cli.commands.services import docs
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, add_watch
from stentor.cli.dispatch import verbs as add_verbs
from stentor.cli.guarding import add_guard
from stentor.cli.rollout_options import add_asking, add_waves
from stentor.cli.selector import add_connect_timeout, add_max_output
from stentor.cli.times import bytes_, seconds

EXAMPLES = """
stentor services status                   every service on every node
stentor services status n8n crtr          one service, on one node
stentor services ports                    who listens where, against the file
stentor services plan                     what a deploy would change; writes nothing
stentor services deploy n8n               do it, prove it, put everything back if it fails
stentor services deploy @all              every service on every node
stentor services restart web @all         one that is on several nodes: on which
stentor services rollback crtr            back to before the last deploy on this node
stentor services docs -o SERVICES.md      a page of what runs where
stentor services restart chat
stentor services logs n8n -f --since 10m
stentor services exec --part postgres n8n psql -U n8n -c 'select 1'
stentor services backup n8n -o n8n.sql
stentor services status --json | jq -r 'select(.type == "service" and .good == false).service'
"""

# In the help of each verb only.
MORE_EXAMPLES = """
stentor services start n8n                  on every node that has it
stentor services stop web crtr              on this node alone
stentor services enable n8n -n              what would be changed
stentor services disable web @gpu           it goes on running until it is stopped
stentor services restore n8n n8n.sql        what 'services backup' wrote
"""

VERBS = {
    "status": "how each service stands: unit or containers, ports, files",
    "ports": "who listens on which port, against the file",
    "plan": "what a deploy would change on each node; writes nothing",
    "deploy": "bring services to what services.yaml says, proved or put back",
    "rollback": "go back to before the last deploy on these nodes",
    "restart": "restart services",
    "start": "start services",
    "stop": "stop services",
    "enable": "let services start at boot",
    "disable": "do not let services start at boot",
    "docs": "a page of what runs where, from services.yaml alone",
    "logs": "the log of a service, of all its nodes",
    "backup": "write what a service's backup command prints into a file here",
    "restore": "give such a file to a service's restore command",
    "exec": "run a command in a service's container, or as root on its nodes",
}
_READING = ("logs", "exec", "backup", "restore")
_CHANGING = ("deploy", "rollback", "restart", "start", "stop", "enable", "disable")


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    table = add_verbs(parser, VERBS)
    docs.configure(table.pop("docs"))
    for verb, one in table.items():
        _which(verb, one)
        if verb in _READING:
            continue
        one.add_argument("-j", "--json", action="store_true", help="JSON Lines")
        add_connect_timeout(one)
        add_max_output(one)
        if verb in _CHANGING:
            add_asking(one)
            add_guard(one)
    add_watch(table["status"])
    table["deploy"].add_argument(
        *("--deadline", "--window"),
        dest="deadline",
        type=seconds,
        default=120.0,
        metavar="TIME",
        help="a node that hears nothing for this time reverts its part (default: 2m)",
    )
    _rolling(table["deploy"])
    for verb in ("plan", "deploy"):
        table[verb].add_argument(
            "--short", action="store_true", help="list the changes without the differences"
        )
    table["rollback"].add_argument(
        "--to", metavar="NAME", help="to before this change, by the name that the node has for it"
    )
    _reading(table["logs"], table["exec"])
    _data(table["backup"], table["restore"])


def _rolling(deploy: Parser) -> None:
    add_waves(deploy)
    deploy.add_argument(
        "--on-failure",
        choices=("stop", "revert"),
        help="when a node fails: leave earlier waves as they are, or revert them too",
    )


def _which(verb: str, parser: Parser) -> None:
    if verb == "rollback":
        parser.add_argument("words", nargs="+", metavar="NODE", help="which nodes: crtr, @core")
    elif verb in _READING:
        parser.add_argument("words", nargs=1, metavar="SERVICE", help="which service")
    elif verb in ("restart", "start", "stop", "enable", "disable"):
        parser.add_argument(
            "words", nargs="+", metavar="SERVICE", help="which services; nodes, too, if one is on several"
        )
    else:
        default = "@all for everything" if verb == "deploy" else "default: everything"
        help_text = f"names of services, or nodes ({default})"
        parser.add_argument("words", nargs="*", metavar="SERVICE|SELECTOR", help=help_text)


def _reading(logs: Parser, run: Parser) -> None:
    logs.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    logs.add_argument("--since", type=seconds, metavar="TIME", help="not older than this: 10m, 2h")
    logs.add_argument(
        "--lines", type=int, default=100, metavar="N", help="the last lines; 0 for all (default: 100)"
    )
    logs.add_argument("--on", metavar="SELECTOR", help="only on these of its nodes")
    run.add_argument("--part", metavar="NAME", help="of a compose project: in which of its services")
    run.add_argument("--on", metavar="SELECTOR", help="only on these of its nodes")
    add_guard(run)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="for sh")


def _data(backup: Parser, restore: Parser) -> None:
    backup.add_argument("-o", "--output", metavar="FILE", required=True, help="replaced when it is complete")
    backup.add_argument(
        "--max-size",
        type=bytes_,
        default=100_000_000_000,
        metavar="SIZE",
        help="what the command may print; more is a failure (default: 100G)",
    )
    restore.add_argument("file", metavar="FILE", help="a backup")
    restore.add_argument("-y", "--yes", action="store_true", help="no question")
    for parser in (backup, restore):
        parser.add_argument("--on", metavar="NODE", help="on this of its nodes")
    add_guard(restore)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Do it, and return the exit code."""
    from stentor.cli.commands.services import reading, verbs

    if arguments.verb == "docs":
        return docs.handle(arguments, context)
    if arguments.verb in _READING:
        name = "execute" if arguments.verb == "exec" else arguments.verb
        return int(getattr(reading, name)(arguments, context))
    return verbs.handle(arguments, context)
