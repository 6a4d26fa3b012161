"""Read the journal: find operations, and what came of their nodes."""

from __future__ import annotations

import os
from collections.abc import Sequence

from stentor.errors import Refused, UsageError
from stentor.journal.operation import Kept, NodeRecord, Record
from stentor.journal.owner import lives
from stentor.journal.reader import Reader
from stentor.journal.store import Journal, from_row
from stentor.outcome import KINDS, SETS, Outcome
from stentor.typed import Any, NamedTuple

_REFERENCE = r"@last(?:~(\d+))?|(\d+)"
_COLUMNS = (
    "id, kind, command, selector, options, fleet, revision, user, host, origin, directory,"
    " process, began, ended, exit_code, note, word"
)
_OUTPUT_COLUMNS = "stdout, stdout_cut_at, stdout_cut, stderr, stderr_cut_at, stderr_cut"
_NODE_COLUMNS = f"{', '.join(Outcome._fields)}, at, {_OUTPUT_COLUMNS}, pid"


_OUTCOMES = {**SETS, "not-ok": frozenset({"", *KINDS}) - {"ok"}}
OUTCOMES = tuple(dict.fromkeys((*_OUTCOMES, *KINDS)))
"""What a filter may ask for as an outcome."""


class Filter(NamedTuple):
    """Which operations to return; an empty field sets no condition."""

    nodes: tuple[str, ...] = ()  # at least one of these took part
    # At least one node has this outcome: a kind, or ``failed``, ``unreachable``, ``missing`` or ``not-ok``.
    outcome: str = ""
    selector: str = ""  # as it was typed
    command: str = ""  # a part of the command
    kinds: tuple[str, ...] = ()  # stentor's commands (``run``), with all verbs (``dotfiles``) or one of them
    since: float | None = None  # seconds since 1970
    until: float | None = None  # seconds since 1970
    fleet: str = ""  # the fleet directory


def history(journal: Reader, wanted: Filter = Filter(), limit: int = 20) -> list[Record]:  # noqa: B008
    """Return the latest operations, the newest first, with their nodes but without output."""
    where, values = ["1"], []
    for clause, value in (
        ("selector = ?", wanted.selector),
        ("instr(command, ?)", wanted.command),
        ("began >= ?", wanted.since),
        ("began <= ?", wanted.until),
        ("fleet = ?", wanted.fleet),
    ):
        if value not in ("", None):
            where.append(clause)
            values.append(value)
    if wanted.kinds:
        where.append("(" + " OR ".join(["kind = ? OR kind LIKE ? || ' %'"] * len(wanted.kinds)) + ")")
        values += [kind for one in wanted.kinds for kind in (one, one)]
    if wanted.nodes or wanted.outcome:
        clauses = ["nodes.operation = operations.id"]
        if wanted.nodes:
            clauses.append(f"nodes.node IN ({_marks(wanted.nodes)})")
            values += wanted.nodes
        if wanted.outcome:
            kinds = tuple(_OUTCOMES.get(wanted.outcome, (wanted.outcome,)))
            clauses.append(f"nodes.kind IN ({_marks(kinds)})")
            values += kinds
        where.append("EXISTS (SELECT 1 FROM nodes WHERE " + " AND ".join(clauses) + ")")  # noqa: S608
    rows = journal.rows(
        f"SELECT {_COLUMNS} FROM operations WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",  # noqa: S608
        (*values, limit),
    )
    return [_record(row, _nodes(journal, row[0], output=False)) for row in rows]


def done_since(journal: Reader, fleet: str, since: float) -> dict[str, dict[str, float | None]]:
    """Return for each node the operations that had not ended then: each one's word, and when it ended.

    Args:
        fleet: the fleet directory.
        since: seconds since 1970.
    """
    found: dict[str, dict[str, float | None]] = {}
    for node, word, ended in journal.rows(
        "SELECT nodes.node, word, ended FROM operations JOIN nodes ON nodes.operation = operations.id"
        " WHERE fleet = ? AND (ended IS NULL OR ended >= ?)",
        (fleet, since),
    ):
        ends = found.setdefault(node, {})
        before = ends.get(word, 0.0)
        ends[word] = None if ended is None or before is None else max(ended, before)
    return found


def find(
    journal: Reader,
    reference: str,
    fleet: str | None,
    *,
    other_fleets: bool = False,
    kinds: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Record:
    """Return one operation with all that is kept of it.

    Args:
        reference: a number, ``@last``, or ``@last~1`` for the one before it.
        fleet: the fleet directory at hand, whose last operation is meant; None where there is no fleet.
        other_fleets: whether a number may be that of another fleet's operation.
        kinds: for ``@last``: only these stentor commands (``run``); empty for all.
        without: for ``@last``: not these stentor commands.

    Raises:
        UsageError: there is no such operation.
        Refused: it is another fleet's.
        StentorError: the journal cannot be read.
    """
    import re

    journal.require()
    match = re.fullmatch(_REFERENCE, reference)
    if not match:
        raise UsageError(
            f"invalid operation '{reference}'",
            hint="write a number from 'stentor history', or @last; for failed nodes: stentor rerun --failed",
        )
    if match[2]:
        rows = journal.rows(f"SELECT {_COLUMNS} FROM operations WHERE id = ?", (int(match[2][:18]),))  # noqa: S608
    else:
        rows = journal.rows(
            f"SELECT {_COLUMNS} FROM operations WHERE (? OR fleet = ?)"  # noqa: S608
            f" AND (? OR kind IN ({_marks(kinds)})) AND kind NOT IN ({_marks(without)})"
            " ORDER BY id DESC LIMIT 1 OFFSET ?",
            (fleet is None, fleet, not kinds, *kinds, *without, int((match[1] or "0")[:9])),
        )
    if not rows:
        journal.require_sound()
    if not rows and not match[1] and not match[2]:
        where = "in the journal" if fleet is None else "in this fleet"
        raise UsageError(f"no operation {where} yet", hint="'stentor run' is one")
    if not rows:
        raise UsageError(f"no operation {reference} in the journal", hint="see 'stentor history'")
    record = _record(rows[0], _nodes(journal, rows[0][0], output=True))
    if not (other_fleets or fleet is None or _same(fleet, record.fleet)):
        raise Refused(
            f"operation {record.id} belongs to another fleet, {record.fleet}", hint=f"--fleet {record.fleet}"
        )
    return record


def _same(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def unended(journal: Reader) -> list[Record]:
    """Return the operations on this machine whose stentor was killed before they ended."""
    return [
        record._replace(nodes=_nodes(journal, record.id, output=False))
        for record in _without_end(journal)
        if record.state == "interrupted"
    ]


def running(journal: Reader) -> list[Record]:
    """Return the operations whose stentor runs on this machine now, without their nodes."""
    here = os.uname().nodename
    return [one for one in _without_end(journal) if one.state == "running" and one.host == here]


def _without_end(journal: Reader) -> list[Record]:
    rows = journal.rows(f"SELECT {_COLUMNS} FROM operations WHERE ended IS NULL ORDER BY id")  # noqa: S608
    return [_record(row, ()) for row in rows]


def claim(journal: Journal, record: Record) -> bool:
    """Take over an operation whose stentor was killed, so that no other one cleans up as well."""
    return journal.claim(record.id, record.process)


def steps(journal: Reader, number: int) -> list[tuple[float, str, str]]:
    """Return an operation's steps: time, node, text."""
    rows = journal.rows("SELECT at, node, text FROM steps WHERE operation = ? ORDER BY rowid", (number,))
    return [(at, node, text) for at, node, text in rows]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _nodes(journal: Reader, number: int, *, output: bool) -> tuple[NodeRecord, ...]:
    columns = (
        _NODE_COLUMNS if output else _NODE_COLUMNS.replace("stdout,", "NULL,").replace("stderr,", "NULL,")
    )
    rows = journal.rows(f"SELECT {columns} FROM nodes WHERE operation = ? ORDER BY position", (number,))  # noqa: S608
    return tuple(_node(row) for row in rows)


def _node(row: tuple[Any, ...]) -> NodeRecord:
    at, out, out_at, out_cut, err, err_at, err_cut, pid = row[len(Outcome._fields) :]
    return NodeRecord(
        **from_row(row)._asdict(),
        at=at,
        stdout=Kept(out or b"", out_at, out_cut),
        stderr=Kept(err or b"", err_at, err_cut),
        pid=pid,
    )


def _record(row: tuple[Any, ...], nodes: tuple[NodeRecord, ...]) -> Record:
    import json  # not at every start

    (number, kind, command, selector, options, fleet, revision, user, host, origin, directory) = row[:11]
    process, began, ended, exit_code, note, word = row[11:]
    state = "done"
    if ended is None:
        # From another machine (a shared home) nobody here can tell: it may still run.
        state = "running" if host != os.uname().nodename or lives(process) else "interrupted"
    return Record(
        *(number, kind, command, selector, json.loads(options), fleet, revision, user, host, origin),
        *(directory, began, ended, exit_code, state, note, word, process, nodes),
    )
