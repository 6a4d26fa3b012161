"""``stentor doctor --undo``: what an earlier ``--fix`` changed is put back from its snapshots."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from stentor.cli.locked import locked
from stentor.cli.recorded import Recorded
from stentor.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from stentor.api.fleet import Fleet, Selection
    from stentor.cli.context import Context
    from stentor.outcome import Outcome
    from stentor.render.records import Records
    from stentor.render.screen import Screen
    from stentor.rollout.snapshot import Answer

_SNAPSHOT = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def undo(arguments: argparse.Namespace, context: Context, fleet: Fleet, words: str | None) -> int:
    """Do it, and return the exit code.

    Args:
        arguments: ``undo`` says which operation, ``json`` for whom.
        context: for questions, the journal and the screen.
        fleet: whose nodes.
        words: a selector, where only some of the operation's nodes are meant.

    Raises:
        UsageError: there is no such operation, or it is no ``doctor --fix``.
    """
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.outcome import exit_code
    from stentor.probe.mends import MOVABLE
    from stentor.render.records import Records
    from stentor.rollout.snapshot import answer, restore

    snapshot, aliases = _meant(context, arguments.undo, fleet)
    selection = _nodes(fleet, aliases, words)
    names = tuple(node.alias for node in selection.nodes)
    screen, started = context.screen(), time.time()
    records = None
    if arguments.json:
        header = {"command": "doctor", "nodes": list(names), "selector": ",".join(names)}
        records = Records(screen, {**header, "started_at": started})
    settings = Settings(connect_timeout=arguments.connect_timeout, timeout=20.0)
    outcomes = []
    recorded = Recorded(fleet, context)
    recorded.begin("doctor", f"stentor doctor --undo {arguments.undo}", ",".join(names), names)
    with recorded, locked(selection, context, "stentor doctor --undo"):
        for result in collect(selection.stream(restore(snapshot, MOVABLE), settings)):
            said, outcome = answer(result.text), result.outcome
            if outcome.kind in ("ok", "failed") and (reason := _reason(said)):
                outcome = outcome._replace(kind="failed", code=outcome.code or 1, reason=reason)
            recorded.outcome(outcome)
            outcomes.append(outcome)
            _tell(screen, records, said, outcome)
        recorded.code = code = exit_code(outcomes)
    if records:
        records.report(outcomes, code=code, seconds=time.time() - started)
    return code


def _tell(screen: Screen, records: Records | None, said: Answer, outcome: Outcome) -> None:
    restored = [_shown(path) for path in said.restored]
    if records:
        fields: dict[str, Any] = {"type": "undone", "node": outcome.node, "restored": restored}
        fields |= {"left": list(said.left), "kind": outcome.kind, "reason": outcome.reason}
        records.write(fields)
        return
    if restored:
        screen.print(f"{outcome.node}: as before: {', '.join(restored)}")
    if not outcome.ok:
        screen.print(f"{outcome.node}: {outcome.reason or outcome.kind}")


def _meant(context: Context, reference: str, fleet: Fleet) -> tuple[str, tuple[str, ...]]:
    """The snapshots of an operation, and its nodes; none where a snapshot itself was named."""
    from stentor import journal
    from stentor.journal.query import find

    if _SNAPSHOT.fullmatch(reference):
        return reference, ()
    book = journal.read(context.environ)
    try:
        record = find(book, reference, fleet.data.root)
    finally:
        book.close()
    snapshot = record.options.get("snapshot")
    if record.kind != "doctor" or not isinstance(snapshot, str):
        raise UsageError(
            f"operation {record.id} is no 'stentor doctor --fix'",
            hint="stentor history --kind doctor shows which there are",
        )
    return snapshot, tuple(node.node for node in record.nodes)


def _nodes(fleet: Fleet, aliases: tuple[str, ...], words: str | None) -> Selection:
    from stentor.api.fleet import Selection

    chosen = fleet.select(words or "@all").nodes
    nodes = tuple(node for node in chosen if not aliases or node.alias in aliases)
    if not nodes:
        raise UsageError(
            f"none of {words or 'the fleet'} took part in it", hint=f"its nodes: {','.join(aliases)}"
        )
    return Selection(fleet, nodes)


def _reason(said: Answer) -> str:
    if said.none:
        return "it keeps no such snapshot: it was undone before, or was the oldest of many"
    return "; ".join(f"not put back: {_shown(words)}" for words in said.left)


def _shown(path: str) -> str:
    return "~" if path == "." else f"~/{path}"
