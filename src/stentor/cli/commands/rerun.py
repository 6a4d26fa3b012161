"""``stentor rerun``: an operation again, or only where it failed or never came."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet
    from stentor.api.rerun import Choice
    from stentor.journal.operation import Record

EXAMPLES = """
stentor rerun                 the last operation again, on the same nodes
stentor rerun --failed        the last operation with failed nodes, only on these
stentor rerun --not-ok        the same for all that are not ok: failed, unreachable, cancelled, unknown
stentor rerun --unreachable   only where nobody answered
stentor rerun --unfinished    only where it did not come to its end: cancelled, not begun, result unknown
stentor rerun 17 --failed --unreachable
stentor rerun 17 -n           only say what would be run where
"""


def configure(parser: Parser) -> None:
    add = parser.add_argument
    add("id", metavar="ID", nargs="?", default="@last", help="a number, @last (default), @last~1")
    for which, text in (
        ("failed", "where it was reached and failed"),
        ("unreachable", "where there was no login"),
        ("unfinished", "where it was cancelled, not begun, or the result is unknown"),
        ("not-ok", "where it did not succeed, whatever the reason"),
        ("ok", "where it went well"),
    ):
        parser.add_argument(f"--{which}", dest="sets", action="append_const", const=which, help=text)
    add("--missing", dest="sets", action="append_const", const="unfinished", help=argparse.SUPPRESS)
    add("-n", "--dry-run", action="store_true", help="only list the nodes that would be reached, and how")
    add("--yes-really", metavar="N", help="as of 'stentor run', for dangerous lines in scripts")
    add("-j", "--json", action="store_true", help="events as JSON Lines")


_NAMES = 60  # columns
_WORDS = {
    "failed": "failed",
    "unreachable": "was unreachable",
    "unfinished": "is unfinished",
    "not-ok": "is not ok",
    "ok": "succeeded",
}


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.fleet import Selection
    from stentor.api.history import again
    from stentor.api.rerun import chosen
    from stentor.cli.rollout_options import terms_of
    from stentor.cli.run_display import RunView, run_and_show, screen_for
    from stentor.cli.secrets import Secrecy
    from stentor.fanout.given import Given
    from stentor.render.views import ViewRequest

    sets = arguments.sets or ()
    choice = chosen(context.environ, arguments.id, sets, context.fleet_root(arguments.fleet))
    which = " or ".join(_WORDS[one] for one in sets) or "is left in the fleet"
    record = choice.record
    if record is None:
        context.stderr.write(f"no node {which} in any operation of this fleet; nothing to rerun\n")
        return 0
    fleet = context.fleet(arguments.fleet or record.fleet or None)
    _tell(choice, record, context, found=bool(sets) and arguments.id == "@last")
    nodes = _left(choice.nodes, fleet, context)
    if not nodes:
        if not choice.since:
            context.stderr.write(f"no node {which} in operation {record.id}; nothing to rerun\n")
        return 0
    selection = Selection(fleet, tuple(fleet.data.nodes[alias] for alias in nodes))
    view = RunView(ViewRequest("json" if arguments.json else ""))
    screen = screen_for(context)
    terms = terms_of(arguments, context, fleet.groups, screen)
    if record.kind in ("playbook", "ansible"):
        from stentor.cli.playbooks import rerun_playbook

        wanted = {"json": arguments.json, "dry_run": arguments.dry_run}
        return rerun_playbook(fleet, record, nodes, terms, screen, context, **wanted)
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


def _tell(choice: Choice, record: Record, context: Context, *, found: bool) -> None:
    """Say which operation was found, and which nodes are left out."""
    from stentor.render.history import first_line
    from stentor.render.names import brief

    lines = []
    if found:
        lines.append(f"operation {record.id}: {first_line(record)}")
    for number in sorted({*choice.since.values()}):
        names = brief([node for node, other in choice.since.items() if other == number], _NAMES)
        rest = "" if choice.nodes else "; nothing to rerun"
        lines.append(f"left out: {names}: succeeded since, in operation {number}{rest}")
    if choice.left_out:
        parts = [f"{brief(nodes, _NAMES)} ({kind})" for kind, nodes in choice.left_out.items()]
        lines.append(f"left out: {', '.join(parts)}; all that is not ok: stentor rerun {record.id} --not-ok")
    for line in lines:
        context.stderr.write(f"stentor: {line}\n")


def _left(nodes: Sequence[str], fleet: Fleet, context: Context) -> list[str]:
    gone = [name for name in nodes if name not in fleet.data.nodes]
    if gone:
        context.stderr.write(f"stentor: no longer in the fleet: {', '.join(gone)}\n")
    there = [name for name in nodes if name in fleet.data.nodes]
    retired = [name for name in there if fleet.data.nodes[name].state == "retired"]
    if retired:
        context.stderr.write(f"stentor: retired since, and left out: {', '.join(retired)}\n")
    return [name for name in there if name not in retired]
