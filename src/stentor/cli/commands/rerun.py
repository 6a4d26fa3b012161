"""``stentor rerun``: an operation again, or only where it failed or never came."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet
    from stentor.journal.operation import Record

EXAMPLES = """
stentor rerun                 the last operation again, on the same nodes
stentor rerun --failed        only where it failed
stentor rerun --unreachable   only where nobody answered
stentor rerun --unfinished    only where it did not come to its end: cancelled, not begun, result unknown
stentor rerun 17 --failed --unreachable
stentor rerun 17 -n           only say what would be run where
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", default="@last", help="a number, @last (default), @last~1"
    )
    for which, text in (
        ("failed", "where it was reached and failed"),
        ("unreachable", "where there was no login"),
        ("unfinished", "where it was cancelled, not begun, or the result is unknown"),
        ("ok", "where it went well"),
    ):
        parser.add_argument(f"--{which}", dest="sets", action="append_const", const=which, help=text)
    parser.add_argument(
        "--missing", dest="sets", action="append_const", const="unfinished", help=argparse.SUPPRESS
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say who would be reached, and how")
    parser.add_argument(
        "--yes-really", metavar="N", help="as of 'stentor run', for dangerous lines in scripts"
    )
    parser.add_argument("-j", "--json", action="store_true", help="events as JSON Lines")


_WORDS = {
    "failed": "failed",
    "unreachable": "was unreachable",
    "unfinished": "is unfinished",
    "ok": "succeeded",
}


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look up the operation and run it again."""
    from stentor.api.fleet import Fleet, Selection
    from stentor.api.history import again, past_operation
    from stentor.api.operations import Terms
    from stentor.cli.guarding import confirm_by
    from stentor.cli.run_display import RunView, run_and_show, screen_for
    from stentor.cli.secrets import Secrecy
    from stentor.fanout.given import Given
    from stentor.render.views import ViewRequest

    record = past_operation(
        context.environ, arguments.id, context.fleet_root(arguments.fleet), kinds=("run",)
    )
    fleet = Fleet.open(arguments.fleet or record.fleet or None, environ=context.environ)
    sets = arguments.sets or ()
    nodes = _nodes(record, sets, fleet, context)
    if not nodes:
        which = " or ".join(_WORDS[one] for one in sets) or "is left in the fleet"
        context.stderr.write(f"no node {which} in operation {record.id}; nothing to rerun\n")
        return 0
    selection = Selection(fleet, tuple(fleet.data.nodes[alias] for alias in nodes))
    view = RunView(",".join(nodes), ViewRequest("json" if arguments.json else ""))
    screen = screen_for(context)
    terms = Terms(
        confirm=confirm_by(context, arguments.yes_really, fleet.data.groups),
        ask=None if arguments.json else context.asking(screen),
    )
    with Given() as given:
        stdin = None
        if record.options.get("stdin") and not context.stdin.isatty():
            stdin = given.spool(context.stdin.buffer)
        with again(fleet, record, nodes, terms, stdin=stdin) as run:
            if arguments.dry_run:
                from stentor.cli.run_preview import preview_run

                return preview_run(selection, run.wanted.command, run.terms, view, screen)
            secrecy = Secrecy(run.env_secret, run.sudo)
            return run_and_show(selection, run.wanted, run.terms, view, context, screen, secrecy)


def _nodes(record: Record, sets: Sequence[str], fleet: Fleet, context: Context) -> list[str]:
    from stentor.api.history import nodes_of

    chosen = nodes_of(record, sets)
    gone = [name for name in chosen if name not in fleet.data.nodes]
    if gone:
        context.stderr.write(f"stentor: no longer in the fleet: {', '.join(gone)}\n")
    return [name for name in chosen if name in fleet.data.nodes]
