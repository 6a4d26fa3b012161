"""Sessions and panes of tmux, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from stentor.fanout.events import Finished, Output
from stentor.outcome import Outcome, Report
from stentor.render.gather import Gather
from stentor.render.summary import say_hints
from stentor.render.table import Cell, columns
from stentor.tmux.listing import Session

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape
    from stentor.render.screen import Screen

# Each node with its sessions; None where it has no tmux.
Found: TypeAlias = Sequence[tuple[Outcome, list[Session] | None]]


def session_records(found: Found) -> Iterator[Shape]:
    """Return the records of nodes, each with its sessions behind it."""
    from stentor.render import json_fleet

    for outcome, sessions in found:
        yield json_fleet.TmuxNode.of(outcome, tmux=sessions is not None if outcome.ok else None)
        if outcome.ok:
            for session in sessions or []:
                yield json_fleet.Session.of(session, node=outcome.node)


def show_sessions(screen: Screen, found: Found, report: Report) -> None:
    """Print the table of all sessions, and what to do about nodes that did not answer."""
    rows: list[list[str | Cell]] = []
    for outcome, sessions in found:
        if not outcome.ok:
            style = "quiet" if outcome.kind == "skipped" else "bad"
            rows.append([outcome.node, Cell(outcome.reason or outcome.kind, style), "", "", "", ""])
        elif not sessions:
            note = "no tmux there" if sessions is None else "no session"
            rows.append([outcome.node, Cell(note, "quiet"), "", "", "", ""])
        else:
            for session in sessions:
                since = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.since))
                attached = str(session.attached) if session.attached else "no"
                running = " ".join(session.commands)
                rows.append([outcome.node, session.name, str(session.windows), attached, since, running])
    titles = "NODE SESSION WINDOWS ATTACHED SINCE RUNNING"
    screen.table(columns(titles, right="WINDOWS", SESSION=12, RUNNING=8), rows)
    say_hints(screen, report)


def show_panes(screen: Screen, texts: Mapping[str, str], groups: Mapping[str, Sequence[str]]) -> None:
    """Print what panes show, merged where it is the same.

    Args:
        texts: of each pane, by its name.
    """
    gather = Gather(screen, list(texts), groups)
    outcomes = [Outcome(name, "ok") for name in texts]
    for outcome in outcomes:
        gather.show(Output(outcome.node, "stdout", texts[outcome.node].encode()))
        gather.show(Finished(outcome.node, outcome))
    gather.end(Report(outcomes))
