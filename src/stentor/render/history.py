"""Operations of the journal, for people and for programs. Times are local."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from stentor.api.history import option_words
from stentor.fanout.events import Event, Finished, Output
from stentor.journal.operation import NodeRecord, Record
from stentor.outcome import SEVERITY
from stentor.render.style import KIND_STYLES, paint, printable, shorten
from stentor.render.summary import cause, duration
from stentor.render.table import Cell, columns, pairs, table
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.render import json_history
    from stentor.render.screen import Screen

_COMMAND = 60


def when(moment: float, now: float) -> str:
    """``12:03``, ``Tue 12:03`` within a week, else ``2025-10-21 12:03``."""
    then, today = time.localtime(moment), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%a %H:%M" if 0 <= now - moment < 6 * 86400 else "%Y-%m-%d %H:%M", then)


def tally(record: Record) -> str:
    """``1 failed, 3 ok``: the nodes by outcome, worst first."""
    counts: dict[str, int] = {}
    for node in record.nodes:
        kind = node.kind or ("running" if record.state == "running" else "unknown")
        counts[kind] = counts.get(kind, 0) + 1
    order = sorted(counts, key=lambda kind: SEVERITY.get(kind, -1))
    return ", ".join(f"{counts[kind]} {kind}" for kind in order) or "no nodes"


def _style(record: Record) -> str:
    if record.state == "interrupted":
        return "warning"
    if any(node.kind not in ("ok", "skipped", "") for node in record.nodes):
        return "bad"
    return "good" if record.state == "done" else ""


def listing(records: Sequence[Record], *, now: float, width: int | None, colour: bool) -> list[str]:
    """Return the table of ``stentor history``, the newest first."""
    rows: list[list[str | Cell]] = []
    for record in records:
        state = "" if record.state == "done" else f"{record.state}: "
        command = first_line(record)
        rows.append(
            [
                str(record.id),
                when(record.began, now),
                record.user,
                record.selector,
                Cell(state + tally(record), _style(record)),
                command if width is None else shorten(command, max(_COMMAND, width)),
            ]
        )
    titles = columns("ID WHEN WHO NODES OUTCOME WHAT", right="ID", NODES=6, OUTCOME=12, WHAT=14)
    return table(titles, rows, width=width, colour=colour)


def show_listing(screen: Screen, records: Sequence[Record], now: float) -> None:
    """Print the table of ``stentor history``; see :func:`listing`."""
    screen.lines(listing(records, now=now, width=screen.columns, colour=screen.colour_out))


def first_line(record: Record) -> str:
    """What was done, in one line."""
    line, _, rest = record.command.strip().partition("\n")
    command = printable(line) + (" …" if rest else "")
    if record.kind == "run":
        return command
    return record.kind if command in ("", record.kind) else f"{record.kind}: {command}"


def details(record: Record, *, width: int | None, colour: bool) -> list[str]:
    """Return the head of ``stentor show``: what, who, when, and every node's outcome, worst first."""
    origin = f"{record.user}@{record.host}" + (f", logged in from {record.origin}" if record.origin else "")
    took = f", {duration(record.ended - record.began)}" if record.ended else ""
    ended = {"done": took, "running": ", still running", "interrupted": ", killed before its end"}
    values = {
        "operation": f"{record.id} ({record.kind})",
        "command": "\n".join(printable(line) for line in record.command.rstrip("\n").split("\n")),
        "nodes": f"{record.selector} ({len(record.nodes)})",
        "by": origin,
        "when": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.began)) + ended[record.state],
        "fleet": record.fleet + (f" at {record.revision[:12]}" if record.revision else ""),
        "options": " ".join(option_words(record.options)) if record.kind == "run" else "",
        "note": record.note,
    }
    lines = pairs({name: value for name, value in values.items() if value}, colour=colour)
    lines.append("")
    rows: list[list[str | Cell]] = []
    for node in sorted(record.nodes, key=lambda node: SEVERITY.get(node.kind, -1)):
        kind = node.kind or ("running" if record.state == "running" else "unknown")
        style = KIND_STYLES.get(kind, "bad")
        why = cause(node.kind, node.code, node.reason)
        if node.remote:
            why = f"{why}; remote process {node.remote}".removeprefix("; ")
        took = duration(node.seconds) if node.kind else ""
        rows.append([node.node, Cell(kind, style), took, why, _sizes(node)])
    titles = columns("NODE OUTCOME TIME WHY OUTPUT", right="TIME OUTPUT", text="WHY")
    return lines + table(titles, rows, width=width, colour=colour)


def show_details(screen: Screen, record: Record) -> None:
    """Print the head of ``stentor show``; see :func:`details`."""
    screen.lines(details(record, width=screen.columns, colour=screen.colour_out))


def _sizes(node: NodeRecord) -> str:
    said = len(node.stdout.data) + node.stdout.cut + len(node.stderr.data) + node.stderr.cut
    cut = node.stdout.cut + node.stderr.cut
    return (f"{said} bytes" + (f", {cut} not kept" if cut else "")) if said else ""


def replay(record: Record) -> Iterator[Event]:
    """Return an operation's events again, for the displays which showed it the first time."""
    for node in record.nodes:
        for stream, kept in (("stdout", node.stdout), ("stderr", node.stderr)):
            if kept.data:
                yield Output(node.node, stream, kept.text())
        if node.kind:
            yield Finished(node.node, node.outcome)


def record_of(record: Record, *, output: bool) -> json_history.Record:
    """Return one operation for programs.

    Args:
        output: with what each node wrote.
    """
    from stentor.render import json_history

    return json_history.Record.of(
        record,
        subcommand=record.kind,
        started_at=record.began,
        ended_at=record.ended,
        nodes=[node_record_of(node, output=output) for node in record.nodes],
    )


def node_record_of(node: NodeRecord, *, output: bool = True) -> json_history.PastNode:
    """Return what came of a node for programs."""
    from msgspec import UNSET

    from stentor.render.json_history import Kept, PastNode
    from stentor.render.json_lines import payload

    out, err = (
        Kept(**payload(kept.data), cut_at=kept.cut_at if kept.cut else 0, cut=kept.cut) if output else UNSET
        for kept in (node.stdout, node.stderr)
    )
    return PastNode.of(node, kind=node.kind or None, stdout=out, stderr=err)


def difference(one: Record, other: Record, *, colour: bool) -> Iterator[bytes]:
    """Yield the lines of ``stentor diff``: per node, what differs from the first to the second.

    Nodes whose outcome and output are the same are not mentioned.
    """
    from stentor.render.diff import split, unified

    before = {node.node: node for node in one.nodes}
    after = {node.node: node for node in other.nodes}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            where = one.id if new is None else other.id
            yield paint(f"{name}: only in operation {where}", "strong", colour).encode()
            continue
        if _outcome_words(old) != _outcome_words(new):
            line = f"{name}: {_outcome_words(old)}, then {_outcome_words(new)}"
            yield paint(line, "bad" if new.kind != "ok" else "good", colour).encode()
        for stream in ("stdout", "stderr"):
            ours, theirs = getattr(old, stream).text(), getattr(new, stream).text()
            if ours == theirs:
                continue
            yield paint(f"--- {name} {stream} ({one.id})", "strong", colour).encode()
            yield paint(f"+++ {name} {stream} ({other.id})", "strong", colour).encode()
            yield from unified(split(ours), split(theirs))


def show_difference(screen: Screen, one: Record, other: Record) -> bool:
    """Print the lines of ``stentor diff``; return whether there are any."""
    differs = False
    for line in difference(one, other, colour=screen.colour_out):
        for chunk in screen.shown("stdout", [line + b"\n"]):
            screen.out(chunk)
        differs = True
    return differs


def _outcome_words(node: NodeRecord) -> str:
    if node.kind == "failed" and node.code is not None:
        return f"exit {node.code}"
    return node.kind or "unknown"
