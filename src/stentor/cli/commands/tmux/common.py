"""What the verbs of ``stentor tmux`` share: the fleet, and which panes are meant."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.errors import UsageError

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.fleet.policy.sections import Tmux
    from stentor.tmux.server import Server
    from stentor.tmux.state import PaneState


def open_fleet(arguments: argparse.Namespace, context: Context) -> tuple[Fleet, Tmux]:
    """The fleet and its tmux policy."""
    fleet = context.fleet(arguments.fleet)
    return fleet, fleet.data.policy.tmux


def fleet_if_any(arguments: argparse.Namespace, context: Context) -> tuple[Fleet | None, Tmux]:
    """The same for verbs that also work without a fleet; a faulty fleet is an error."""
    from stentor.fleet.policy.sections import Tmux

    if context.fleet_root(arguments.fleet) is None:
        return None, Tmux()
    return open_fleet(arguments, context)


def session_panes(server: Server, session: str | None) -> list[PaneState]:
    """The panes of a session: the named one, the one we are in, or the only one that has nodes."""
    panes = server.panes()
    if session is None:
        here = server.here()
        ours = {pane.session_id for pane in panes if pane.node}
        if here is None and len(ours) != 1:
            known = ", ".join(dict.fromkeys(pane.session for pane in panes if pane.node))
            raise UsageError(
                "no session is named",
                hint=f"there is {known}" if known else "none is open: stentor tmux open",
            )
        wanted = here[0] if here else ours.pop()
        return [pane for pane in panes if pane.session_id == wanted]
    from stentor.tmux.state import of_session

    return of_session(panes, session)


def target_panes(
    server: Server, fleet: Fleet | None, target: str | None
) -> tuple[list[PaneState], list[str]]:
    """The panes of a session or of selected nodes, each node once, and the nodes that have none."""
    panes = server.panes()
    if target is None or any(pane.session == target for pane in panes):
        return [pane for pane in session_panes(server, target) if pane.node or target is None], []
    if fleet is None:
        raise UsageError(f"no tmux session '{target}', and no fleet to look for a selector")
    here = server.here()
    found: dict[str, PaneState] = {}
    # The session we are in comes first for a node that is open in several.
    for pane in sorted(panes, key=lambda pane: here is None or pane.session_id != here[0]):
        if pane.node and not pane.dead:
            found.setdefault(pane.node, pane)
    aliases = [node.alias for node in fleet.select(target).nodes]
    return [found[a] for a in aliases if a in found], [a for a in aliases if a not in found]


def terminal_size(context: Context) -> tuple[int, int]:
    """Columns and rows: the terminal's, else COLUMNS and LINES, else 200x50."""
    for stream in (context.stdout, context.stderr, context.stdin):
        try:
            size = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
        if size.columns and size.lines:
            return size.columns, size.lines
    columns, rows = context.environ.get("COLUMNS", ""), context.environ.get("LINES", "")
    return int(columns) if columns.isdecimal() else 200, int(rows) if rows.isdecimal() else 50
