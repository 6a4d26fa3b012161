"""``stentor dotfiles status`` and ``plan``: to look, and write nothing."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from stentor.cli.commands.dotfiles.desk import REVISION, Desk
from stentor.cli.context import Context
from stentor.dotfiles import assume
from stentor.dotfiles.answer import Look, State, look
from stentor.dotfiles.answer import state as read_state
from stentor.dotfiles.decide import CONFLICTS, Alike, is_empty, merge
from stentor.dotfiles.git import git
from stentor.dotfiles.source import Source, bundle, title
from stentor.dotfiles.visit import Question, Visit, visits
from stentor.errors import StentorError
from stentor.journal import MISSED
from stentor.outcome import NOT_REACHED, exit_code
from stentor.render.history import when
from stentor.render.names import fold
from stentor.render.style import paint, printable
from stentor.render.table import Cell, Column, table


class Late(NamedTuple):
    """What a node has missed: the revision it missed last, and since when it has not caught up."""

    rev: str
    since: float

    @property
    def words(self) -> str:
        """For people."""
        return f"missed {self.rev[:10]}, behind since {when(self.since, time.time())}"


def _late(remembered: tuple[float, Mapping[str, Any]] | None) -> Late | None:
    if not remembered:
        return None
    at, data = remembered
    return Late(str(data.get("rev", "")), float(data.get("since", at)))


def status(arguments: argparse.Namespace, context: Context) -> int:
    """A line for each node."""
    desk = Desk(arguments, context)
    rev, problem = "", ""
    try:
        rev = desk.revision(desk.source(), arguments.rev)
    except StentorError as error:
        if arguments.rev:
            raise
        problem = str(error)
    found = visits(desk.reach, desk.nodes, Question("status", {"rev": rev}, timeout=60))
    missed = desk.recall(MISSED)
    rows = []
    for alias, seen in found.items():
        state = _with_distance(desk, read_state(seen.answer), rev) if seen.answer else State()
        late = _late(missed.get(alias))
        desk.write(_status_record(seen, state, rev, late))
        rows.append(_status_row(seen, state, rev, late))
    columns = [Column("NODE"), Column("CHEZMOI"), Column("REVISION"), Column("DRIFT", right=True)]
    columns += [Column("STATE", shrink=True, least=20)]
    if not desk.records:
        width = desk.screen.width if desk.screen.live_out else None
        for line in table(columns, rows, width=width, colour=desk.screen.colour_out):
            desk.print(line)
        desk.say(f"{desk.policy.branch} is at {rev[:10]}" if rev else f"the head is not known: {problem}")
    outcomes = [seen.outcome for seen in found.values()]
    return desk.finish(outcomes, exit_code(outcomes))


def _with_distance(desk: Desk, state: State, rev: str) -> State:
    """A node that has not fetched yet cannot count how far it is behind; the clone here can."""
    at = state.applied.partition(" ")[0] or state.head
    clone = desk.source().clone
    if state.behind is not None or not clone or not rev or not at or at == rev:
        return state
    words = ("rev-list", "--left-right", "--count", f"{at}...{rev}")
    counted = git(clone, *words, environ=desk.context.environ, check=False).split()
    return state._replace(ahead=int(counted[0]), behind=int(counted[1])) if len(counted) == 2 else state


def _status_row(seen: Visit, state: State, rev: str, late: Late | None) -> list[str | Cell]:
    alias = seen.outcome.node
    if not seen.answer:
        words = [seen.outcome.reason or seen.outcome.kind, *([late.words] if late else [])]
        return [alias, "", "", "", Cell("; ".join(words), "warning")]
    words = state_words(state, rev, late)
    text = "; ".join(words)
    style = "" if words else "good"
    return [
        alias,
        state.chezmoi or Cell("none", "bad"),
        state.applied.partition(" ")[0][:10] or state.head[:10],
        str(len(state.drift)) if state.drift else "",
        Cell(printable(text or "as it should be"), style),
    ]


def state_words(state: State, rev: str, late: Late | None) -> list[str]:
    """Say in words how a node's dotfiles stand; nothing if all is well."""
    if not state.chezmoi:
        return ["chezmoi is not installed"]
    words = []
    if state.pending:
        operation, _, rest = state.pending.partition(" ")
        _, _, rest = rest.partition(" ")
        kind, _, left = rest.partition(" ")
        words.append(f"{operation} {_PENDING[kind]}" if kind in _PENDING else _waits(operation, kind, left))
    if not state.head:
        words.append("no clone here")
    at = state.applied.partition(" ")[0] or state.head
    if rev and at and at != rev:
        words.append(f"{state.behind} behind" if state.behind else f"not at {rev[:10]}")
    if state.ahead:
        words.append(f"{state.ahead} ahead")
    if state.branch == "detached":
        words.append("no branch checked out")
    if state.drift:
        words.append(f"changed here: {', '.join(state.drift[:3])}{' …' if len(state.drift) > 3 else ''}")
    if state.uncommitted:
        words.append(f"{len(state.uncommitted)} uncommitted in the clone")
    reverted = [text for text in state.reverted if rev and text.startswith(rev)]
    if reverted:
        words.append(f"took {rev[:10]} back: {reverted[-1].split(' ', 2)[-1]}")
    if late:
        words.append(f"{late.words}: stentor dotfiles catch-up")
    words += [f"chezmoi: {text}" for text in state.stderr[-1:]]
    if state.timer:
        words.append(f"timer: {state.timer}")
    return words


# Decided, but for the clean-up, which whoever comes next does.
_PENDING = {"confirmed": "is confirmed", "rolling": "is being taken back", "undone": "is taken back"}


def _waits(operation: str, kind: str, left: str) -> str:
    word = f"for {left} s more" if left.isdecimal() and kind == "armed" else f"({kind}, its time is over)"
    return f"{operation} waits to be confirmed {word}"


def _status_record(seen: Visit, state: State, rev: str, late: Late | None) -> dict[str, object]:
    fields = state._asdict() | {name: list(getattr(state, name)) for name in _LISTS}
    return {
        "type": "dotfiles",
        "node": seen.outcome.node,
        "kind": seen.outcome.kind,
        "reason": seen.outcome.reason,
        "wanted": rev,
        "missed": late.rev if late else None,
        "missed_since": late.since if late else None,
        **fields,
    }


_LISTS = ("drift", "differs", "uncommitted", "reverted", "stderr")


def plan(arguments: argparse.Namespace, context: Context) -> int:
    """What would change on each node, at one exact revision."""
    desk = Desk(arguments, context)
    source = desk.source()
    rev = desk.revision(source, arguments.rev)
    seen = survey(desk, source, rev)
    desk.say(f"at {title(source, rev, context.environ)}")
    show_plan(desk, seen, short=arguments.short)
    found = seen.visits
    outcomes = [seen.outcome for seen in found.values()]
    return desk.finish(outcomes, exit_code(outcomes))


class Survey(NamedTuple):
    """What was seen of the nodes before a change.

    Attributes:
        visits: each node's outcome and answer.
        looks: what would change, of those that answered.
        guesses: the same, assumed, of those that are out of reach.
    """

    visits: dict[str, Visit]
    looks: dict[str, Look]
    guesses: dict[str, Look]


def survey(desk: Desk, source: Source, rev: str) -> Survey:
    """Look at every node: what those that are up say, and what may be assumed of the others."""
    with tempfile.TemporaryDirectory(prefix="stentor-") as folder:
        sent = bundle(source, rev, folder, desk.context.environ) if desk.via == "push" else None
        remote = desk.policy.remote or source.remote
        found = visits(desk.reach, desk.nodes, Question("plan", {"rev": rev, "remote": remote}, bundle=sent))
    looks = _looks(found)
    down = [node.alias for node in desk.nodes if not found[node.alias].answer]
    return Survey(found, looks, assumed(desk, source, rev, down))


def retrace(desk: Desk, to: str) -> Survey:
    """Look at what the nodes' own snapshots would bring; of nodes that are down nothing is known."""
    found = visits(desk.reach, desk.nodes, Question("retrace", {"to": to}))
    return Survey(found, _looks(found), {})


def _looks(found: Mapping[str, Visit]) -> dict[str, Look]:
    return {alias: look(seen.answer) for alias, seen in found.items() if seen.outcome.ok and seen.answer}


def assumed(desk: Desk, source: Source, rev: str, down: Iterable[str]) -> dict[str, Look]:
    """Render for nodes that are out of reach, against what they had last; empty where it cannot be done."""
    known = desk.recall(REVISION)
    found: dict[str, Look] = {}
    environ = desk.context.environ
    for alias in down:
        node = desk.fleet.data.nodes[alias]
        last = known.get(alias, (0.0, {}))[1].get("rev", "")
        try:
            with assume.checked_out(source.clone, rev, environ, remote=source.remote) as tree:
                new = assume.render(desk.fleet.data, node, tree, environ, desk.reach.known)
            old = assume.Rendered({})
            if last and last != rev:
                with assume.checked_out(source.clone, last, environ, remote=source.remote) as tree:
                    old = assume.render(desk.fleet.data, node, tree, environ, desk.reach.known)
        except StentorError as error:
            found[alias] = Look(warnings=(f"assumed: nothing ({error})",))
            continue
        if new.problem:
            found[alias] = Look(warnings=(f"assumed: it does not render: {new.problem}",))
            continue
        changes, lines = assume.difference(new.files if last == rev else old.files, new.files)
        found[alias] = Look(changes=changes, diff=lines, warnings=("assumed from the fleet's facts",))
    return found


def show_plan(desk: Desk, seen: Survey, *, short: bool = False, take: Collection[str] = ()) -> None:
    """Write the plan: conflicts first, nodes that change alike together.

    Args:
        desk: where to.
        seen: what the nodes said.
        short: without differences.
        take: kinds of conflict that are gone over.
    """
    for alias, visit in seen.visits.items():
        shown = seen.looks.get(alias) or seen.guesses.get(alias) or Look()
        desk.write(_plan_record(visit, shown, assumed=alias in seen.guesses))
    colour = desk.screen.colour_out
    for alike in merge(seen.looks):
        for line in plan_lines(alike, colour, short=short, take=take):
            desk.print(line)
    for alias, visit in seen.visits.items():
        if alias in seen.looks:
            continue
        desk.print(f"{alias}: {printable(visit.outcome.reason or visit.outcome.kind)}")
        if visit.outcome.hint and visit.outcome.kind not in NOT_REACHED:
            desk.say(f"hint: {visit.outcome.hint}")
        if guess := seen.guesses.get(alias):
            for line in plan_lines(Alike((alias,), guess), colour, short=short)[1:]:
                desk.print(line)


def plan_lines(alike: Alike, colour: bool, *, short: bool, take: Collection[str] = ()) -> list[str]:
    """The lines of one group of nodes."""
    seen = alike.look
    names = fold(alike.nodes)
    if is_empty(seen) and not seen.pending and not seen.conflicts:
        return [f"{names}: nothing to do"]
    count = len(seen.changes)
    lines = [
        paint(f"{names}: {count} {'target' if count == 1 else 'targets'} would change", "strong", colour)
    ]
    for conflict in seen.conflicts:
        text = f"{conflict.path}: {CONFLICTS.get(conflict.kind, conflict.kind)}"
        if conflict.kind in take:
            lines.append(paint(printable(f"  replace   {text}; the snapshot keeps it"), "warning", colour))
        else:
            lines.append(paint(printable(f"  conflict  {text}"), "bad", colour))
    if seen.pending:
        lines.append(paint(f"  pending   {seen.pending.split()[0]} waits to be confirmed", "bad", colour))
    if seen.tried:
        lines.append(paint(printable(f"  undone    {seen.tried}"), "warning", colour))
    lines += [paint(printable(f"  note      {text}"), "warning", colour) for text in seen.warnings]
    lines += [printable(f"  delete    {path}") for path in seen.deletes]
    lines += [printable(f"  fetch     {path}") for path in seen.externals]
    lines += [printable(f"  script    {path} (what it does cannot be taken back)") for path in seen.scripts]
    special = {*seen.deletes, *seen.scripts}
    lines += [
        printable(f"  {_VERB.get(line[1:2], 'change')}    {line[3:]}")
        for line in seen.changes
        if line[3:] not in special
    ]
    if not short:
        lines += [_diff_line(line, colour) for line in seen.diff]
    return lines


_VERB = {"A": "create", "M": "modify", "D": "delete", "R": "script"}


def _diff_line(line: str, colour: bool) -> str:
    style = {"+": "good", "-": "bad", "@": "heading"}.get(line[:1], "")
    text = printable(line.replace("\t", "    "))
    return f"    {paint(text, style, colour) if style else text}"


def _plan_record(seen: Visit, shown: Look, *, assumed: bool) -> dict[str, object]:
    fields = shown._asdict() | {"diff": "\n".join(shown.diff)}
    fields["conflicts"] = [conflict._asdict() for conflict in shown.conflicts]
    return {
        "type": "planned",
        "node": seen.outcome.node,
        "kind": seen.outcome.kind,
        "reason": seen.outcome.reason,
        "assumed": assumed,
        **fields,
    }
