"""``stentor rerun``: an operation again, or only where it failed or never came."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, dispatch
from stentor.errors import Refused

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.journal.operation import Record

EXAMPLES = """
stentor rerun                 the last operation again, on the same nodes
stentor rerun --failed        only where it failed
stentor rerun --unreachable   only where nobody answered
stentor rerun --missing       only where it never came: a wave was stopped, or stentor was killed
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
        ("missing", "where it was not started, or the result is unknown"),
        ("ok", "where it went well"),
    ):
        parser.add_argument(f"--{which}", dest="sets", action="append_const", const=which, help=text)
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say who would be reached, and how")
    parser.add_argument(
        "--yes-really", metavar="N", help="as of 'stentor run', for dangerous lines in scripts"
    )
    parser.add_argument("-j", "--json", action="store_true", help="events as JSON Lines")


_WORDS = {
    "failed": "failed",
    "unreachable": "was unreachable",
    "missing": "is missing",
    "ok": "succeeded",
}


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look up the operation and run it again by ``stentor run``."""
    from stentor import journal
    from stentor.api.fleet import Fleet
    from stentor.journal.query import find

    book = journal.read(context.environ)
    record = find(book, arguments.id, context.fleet_root(arguments.fleet), kinds=("run",))
    book.close()
    if record.kind != "run":
        raise Refused(f"operation {record.id} was 'stentor {record.kind}'; rerun repeats 'stentor run'")
    place = arguments.fleet or record.fleet or None
    fleet = Fleet.open(place, environ=context.environ)
    nodes = _nodes(record, arguments.sets or [], fleet, context)
    if not nodes:
        which = " or ".join(_WORDS[one] for one in arguments.sets or ()) or "is left in the fleet"
        context.stderr.write(f"no node {which} in operation {record.id}; nothing to rerun\n")
        return 0
    words = [*_still_there(record.options.get("words", []), nodes, fleet), *_own(arguments)]
    with _again(record, context) as what:
        return dispatch("run", [*words, *what[0], ",".join(nodes), *what[1]], place, context)


def _nodes(record: Record, sets: list[str], fleet: Fleet, context: Context) -> list[str]:
    from stentor.journal.operation import members

    chosen = [node.node for node in record.nodes]
    if sets:
        wanted = {name for which in sets for name in members(record, which)}
        chosen = [name for name in chosen if name in wanted]
    gone = [name for name in chosen if name not in fleet.data.nodes]
    if gone:
        context.stderr.write(f"stentor: no longer in the fleet: {', '.join(gone)}\n")
    return [name for name in chosen if name in fleet.data.nodes]


def _still_there(words: list[str], nodes: list[str], fleet: Fleet) -> list[str]:
    """Leave out a canary that has had its turn, and name only those who are still to come."""
    kept = list(words)
    for option in ("--canary", "--last"):
        if option in kept:
            at = kept.index(option)
            named = [node.alias for node in fleet.select(kept[at + 1]).nodes if node.alias in nodes]
            kept[at : at + 2] = [option, ",".join(named)] if named else []
    return kept


def _own(arguments: argparse.Namespace) -> list[str]:
    words = ["--json"] if arguments.json else []
    words += ["--dry-run"] if arguments.dry_run else []
    return words + (["--yes-really", arguments.yes_really] if arguments.yes_really else [])


@contextmanager
def _again(record: Record, context: Context) -> Iterator[tuple[list[str], list[str]]]:
    """Give the words before the selector and those behind it; a script's kept text for as long as it runs."""
    options = record.options
    if options.get("stdin") and context.stdin.isatty():
        raise Refused(
            f"operation {record.id} was given a standard input, and that is not kept",
            hint=f"give it again: stentor rerun {record.id} < FILE",
        )
    if "text" not in options:
        yield (["--stdin"] if options.get("stdin") else []), [record.command]
        return
    import os
    import tempfile

    with tempfile.TemporaryDirectory(prefix="stentor-") as folder:
        path = os.path.join(folder, os.path.basename(options.get("script") or "script"))
        with open(path, "w", encoding="utf-8") as file:
            file.write(options["text"])
        yield ["--script", path], list(options.get("arguments", []))
