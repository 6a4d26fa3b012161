"""``stentor ssh``: log in to one node over the warm connection."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor import terminal
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_user, one
from stentor.cli.times import patience

if TYPE_CHECKING:
    from stentor.api.fleet import Selection

SSH_FAILED = 255  # ssh's exit code for a connection that failed
_EXPLAIN = 2.0  # seconds for another login, after ssh has failed and said why

EXAMPLES = """
stentor ssh crtr                   log in
stentor ssh drtr htop              a command with a terminal of its own
stentor ssh --user root prtr       as another user
stentor ssh --fresh crtr           a new login, which proves that logging in works
"""


def configure(parser: Parser) -> None:
    add_user(parser)
    parser.add_argument("--fresh", action="store_true", help="do not use the warm connection")
    parser.add_argument(
        "--connect-timeout",
        type=patience,
        default=5.0,
        metavar="TIME",
        help="for the connection, if no jump host is on the way; 0 for no limit (default: 5s)",
    )
    parser.add_argument(
        "--print", action="store_true", dest="only_print", help="show the ssh command instead"
    )
    parser.add_argument("node", metavar="NODE", help="alias or full name")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="default: a login shell")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    fleet = context.fleet(arguments.fleet)
    alias = one(fleet, arguments.node, "for many nodes: stentor run, or stentor tmux open").alias
    selection = fleet.select(alias)
    on_terminal = context.stdin.isatty() and context.stdout.isatty()
    argv = selection.login(
        " ".join(arguments.command),
        user=arguments.user,
        fresh=arguments.fresh,
        tty=on_terminal,
        connect_timeout=arguments.connect_timeout,
    )
    if arguments.only_print:
        from stentor.sh.quoting import quoted

        context.stdout.write(quoted(argv) + "\n")
        return 0
    context.stdout.flush()
    code = terminal.foreground(argv, context.environ)
    if code == SSH_FAILED and argv[0] == "ssh":
        _explain(selection, context)
    return code


def _explain(selection: Selection, context: Context) -> None:
    """Print what to do about a node that is down, or a host key: ssh advises to edit known_hosts."""
    from stentor.probe.outward import login
    from stentor.ssh import hostkey_texts

    (node,) = selection.nodes
    way = login(selection.fleet.data, node, context.environ, _EXPLAIN)
    if way.kind.startswith("host-key"):
        screen = context.screen()
        screen.say(f"stentor: {node.alias}: {way.reason}; nothing was sent to it")
        screen.say(f"hint: {hostkey_texts.hint(way.kind, node.alias)}")
    elif way.kind == "unreachable":
        context.screen().say(f"hint: to see when it answers: stentor ping --watch {node.alias}")
