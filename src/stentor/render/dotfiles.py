"""Dotfiles for people: what would change, how nodes stand, and what came of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from stentor.dotfiles.answer import NodeState
from stentor.dotfiles.plan import CONFLICTS, group
from stentor.render.history import when
from stentor.render.names import fold
from stentor.render.style import paint, printable
from stentor.render.table import Cell, columns, table

if TYPE_CHECKING:
    from stentor.dotfiles.answer import NodePlan
    from stentor.dotfiles.inspect import Inspection
    from stentor.dotfiles.status import NodeStatus
    from stentor.outcome import Outcome
    from stentor.render.json_dotfiles import Dotfiles, Planned
    from stentor.render.screen import Screen

_VERBS = {"A": "create", "M": "modify", "D": "delete", "R": "script"}
_DIFF_STYLES = {"+": "good", "-": "bad", "@": "heading"}


def plan_lines(
    nodes: Sequence[str],
    plan: Planned,
    conflicts: Mapping[str, str],
    *,
    colour: bool = False,
    short: bool = False,
    overwrite: Collection[str] = (),
) -> list[str]:
    """Return the lines of nodes on which a change does the same.

    Args:
        nodes: their aliases.
        conflicts: what each kind of conflict is.
        short: without differences.
        overwrite: kinds of conflict that are overwritten.
    """
    names = fold(nodes)
    if not (plan.changes or plan.warnings or plan.pending or plan.conflicts):
        return [f"{names}: no file would change"]
    count = len(plan.changes)
    lines = [(f"{names}: {count} {'target' if count == 1 else 'targets'} would change", "strong")]
    for conflict in plan.conflicts:
        text = f"{conflict.path}: {conflicts.get(conflict.category, conflict.category)}"
        if conflict.category in overwrite:
            lines.append((f"  replace   {text}; a snapshot is kept", "warning"))
        else:
            lines.append((f"  conflict  {text}", "bad"))
    if plan.pending:
        lines.append((f"  pending   {plan.pending.split()[0]} waits to be confirmed", "bad"))
    if plan.tried:
        lines.append((f"  reverted  {plan.tried}", "warning"))
    lines += [(f"  note      {text}", "warning") for text in plan.warnings]
    lines += [(f"  delete    {path}", "") for path in plan.deletes]
    lines += [(f"  fetch     {path}", "") for path in plan.externals]
    lines += [(f"  script    {path} (its effects cannot be reverted)", "") for path in plan.scripts]
    special = {*plan.deletes, *plan.scripts}
    for line in plan.changes:
        if line[3:] not in special:
            lines.append((f"  {_VERBS.get(line[1:2], 'change')}    {line[3:]}", ""))
    shown = [_painted(printable(text), style, colour) for text, style in lines]
    if not short and plan.diff:
        shown += [f"    {line}" for line in diff_lines(plan.diff.split("\n"), colour=colour)]
    return shown


def diff_lines(lines: Iterable[str], *, colour: bool = False) -> list[str]:
    """Return the lines of a unified diff, coloured."""
    return [
        _painted(printable(line.replace("\t", "    ")), _DIFF_STYLES.get(line[:1], ""), colour)
        for line in lines
    ]


def status_lines(
    rows: Sequence[Dotfiles], now: float, *, width: int | None = None, colour: bool = False
) -> list[str]:
    """Return the table of ``dotfiles status``.

    Args:
        now: in seconds since 1970.
        width: columns; None for as many as it takes.
    """
    titles = columns("NODE CHEZMOI REVISION DRIFT STATE", right="DRIFT", text="STATE")
    return table(titles, [_status_row(row, now) for row in rows], width=width, colour=colour)


def _status_row(row: Dotfiles, now: float) -> list[str | Cell]:
    if row.kind != "ok":
        words = [row.reason or row.kind, *_missed(row, now)]
        return [row.node, "", "", "", Cell(printable("; ".join(words)), "warning")]
    words = state_words(row, now)
    return [
        row.node,
        row.chezmoi or Cell("none", "bad"),
        row.applied.partition(" ")[0][:10] or row.head[:10],
        str(len(row.drift)) if row.drift else "",
        Cell(printable("; ".join(words) or "up to date"), "" if words else "good"),
    ]


def state_words(row: Dotfiles, now: float) -> list[str]:
    """Return what is not up to date on a node."""
    if not row.chezmoi:
        return ["chezmoi is not installed"]
    words = [_pending(row.node, *(*row.pending.split(" "), "", "", "", "")[:4])] if row.pending else []
    if not row.head:
        words.append(f"no dotfiles on this node yet: stentor dotfiles init {row.node}")
    at = row.applied.partition(" ")[0] or row.head
    if row.wanted and at and at != row.wanted:
        words.append(f"{row.behind} behind" if row.behind else f"not at {row.wanted[:10]}")
    if row.ahead:
        words.append(f"{row.ahead} ahead")
    if row.branch == "detached":
        words.append("no branch checked out")
    if row.drift:
        words.append(f"changed here: {', '.join(row.drift[:3])}{' …' if len(row.drift) > 3 else ''}")
    elif row.differs:
        words.append(
            f"not as its clone says: {', '.join(row.differs[:3])}{' …' if len(row.differs) > 3 else ''}"
        )
    if row.head and row.wanted and at == row.wanted != row.head:
        words.append(f"its clone is at {row.head[:10]}")
    if row.uncommitted:
        words.append(f"{len(row.uncommitted)} uncommitted in the clone")
    reverted = [text for text in row.reverted if row.wanted and text.startswith(row.wanted)]
    if reverted:
        words.append(f"reverted {row.wanted[:10]}: {reverted[-1].split(' ', 2)[-1]}")
    words += [f"{text}: stentor dotfiles catch-up {row.node}" for text in _missed(row, now)]
    words += [f"chezmoi: {text}" for text in row.stderr[-1:]]
    if row.timer:
        words.append(f"timer: {row.timer}")
    return words


# Decided, but for the clean-up, which the next contact does.
_DECIDED = {"confirmed": "is confirmed", "rolling": "is being reverted", "undone": "is reverted"}


def _pending(node: str, operation: str, _: str, state: str, left: str) -> str:
    if state in _DECIDED:
        return f"{operation} {_DECIDED[state]}"
    if left.isdecimal() and state == "armed":
        return f"waits to be confirmed for {left} s more"
    return f"not confirmed: stentor dotfiles revert {node}"


def _missed(row: Dotfiles, now: float) -> list[str]:
    if row.missed is None or row.missed_since is None:
        return []
    return [f"missed {row.missed[:10]}, behind since {when(row.missed_since, now)}"]


def show_plans(screen: Screen, seen: Inspection, *, short: bool = False) -> None:
    """Print a plan: conflicts first, nodes that change in the same way together.

    Args:
        short: without differences.
    """
    colour = screen.colour_out
    for one in group(seen.plans):
        record = planned(seen.visits[one.nodes[0]].outcome, one.plan)
        overwrite = seen.request.overwrite
        screen.lines(
            plan_lines(one.nodes, record, CONFLICTS, colour=colour, short=short, overwrite=overwrite)
        )
    for alias, visit in seen.visits.items():
        if alias in seen.plans:
            continue
        screen.print(f"{alias}: {printable(visit.outcome.reason or visit.outcome.kind)}")
        if guess := seen.assumed.get(alias):
            record = planned(visit.outcome, guess, assumed=True)
            screen.lines(plan_lines((alias,), record, CONFLICTS, colour=colour, short=short)[1:])


def show_diff(screen: Screen, lines: Iterable[str]) -> None:
    """Print a unified diff."""
    screen.lines(diff_lines(lines, colour=screen.colour_out))


def show_status(screen: Screen, rows: Sequence[Dotfiles], now: float) -> None:
    """Print the table of ``dotfiles status``; see :func:`status_lines`."""
    screen.lines(status_lines(rows, now, width=screen.columns, colour=screen.colour_out))


def planned(outcome: Outcome, plan: NodePlan, *, assumed: bool = False) -> Planned:
    """Return the record of a node's plan."""
    from stentor.render import json_dotfiles as json

    conflicts = [json.Conflict(one.kind, one.path) for one in plan.conflicts]
    diff = "\n".join(plan.diff)
    return json.Planned.of(plan, outcome, assumed=assumed, conflicts=conflicts, diff=diff)


def record_of_status(found: NodeStatus) -> Dotfiles:
    """Return the record of how a node stands."""
    from stentor.render import json_dotfiles as json

    state = found.state or NodeState()
    return json.Dotfiles.of(state, found, found.outcome, missed=found.missed or None)


def _painted(text: str, style: str, colour: bool) -> str:
    return paint(text, style, colour) if style else text
