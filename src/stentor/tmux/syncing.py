"""Turn synchronised input on and off in a real tmux server."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import NamedTuple

from stentor.errors import Refused, UsageError
from stentor.fleet.policy.sections import Tmux
from stentor.sh.quoting import quoted
from stentor.tmux import sync
from stentor.tmux.server import Server
from stentor.tmux.state import PaneState, of_session


class Synced(NamedTuple):
    """The state of a window."""

    session: str  # the session's name
    window_id: str  # tmux's id
    window: str  # the window's name
    on: bool  # whether it is in sync
    included: tuple[str, ...]  # the panes that take part (or would), by node or id
    left_out: tuple[str, ...]  # the others


def windows(server: Server, session: str | None) -> list[list[PaneState]]:
    """The panes of each window: of the named session, else of the current window.

    Outside tmux, the only session that has nodes needs no name.

    Raises:
        UsageError: no such session, or none named outside tmux and not exactly one has nodes.
    """
    panes = server.panes()
    if session is None:
        if (here := server.here()) is not None:
            return [[pane for pane in panes if pane.session_id == here[0] and pane.window_id == here[1]]]
        ours = list(dict.fromkeys(pane.session for pane in panes if pane.node))
        if len(ours) != 1:
            raise UsageError(
                "not inside tmux, and no session is named",
                hint=f"name the session: {', '.join(ours)}" if ours else "open one: stentor tmux open",
            )
        session = ours[0]
    mine = of_session(panes, session)
    ids = dict.fromkeys(pane.window_id for pane in mine)
    return [[pane for pane in mine if pane.window_id == window_id] for window_id in ids]


def status(panes: Sequence[PaneState]) -> Synced:
    """The state of a window."""
    first = panes[0]
    on = any(pane.synced for pane in panes)
    taking = [pane for pane in panes if (pane.synced if on else takes_part(pane))]
    return Synced(
        first.session, first.window_id, first.window_name, on,
        tuple(called(pane) for pane in taking),
        tuple(called(pane) for pane in panes if pane not in taking),
    )  # fmt: skip


def called(pane: PaneState) -> str:
    """The name of a pane in messages."""
    return pane.node or pane.pane_id


def takes_part(pane: PaneState) -> bool:
    """Whether a pane can take input: of a connected node, or a pane of the user's own."""
    return not pane.dead and (not pane.node or pane.state in ("up", "mosh", ""))


def turn_on(
    server: Server,
    panes: Sequence[PaneState],
    policy: Tmux,
    leave_out: Collection[str],
    guard: Sequence[str],
) -> Synced:
    """Turn it on for one window.

    Args:
        leave_out: nodes or pane ids which take no part.
        guard: the argument list of the guard program.

    Raises:
        Refused: fewer than two panes would take part.
        UsageError: a pane to be left out does not exist.
    """
    missing = [name for name in leave_out if name not in {w for p in panes for w in (p.node, p.pane_id)}]
    if missing:
        raise UsageError(
            f"no pane '{missing[0]}' in this window", hint=f"it has {' '.join(called(p) for p in panes)}"
        )
    members = [
        sync.Member(
            p.pane_id, called(p), takes_part(p) and p.node not in leave_out and p.pane_id not in leave_out
        )
        for p in panes
    ]
    if sum(member.included for member in members) < 2:
        raise Refused("fewer than two panes could take part", hint=_too_few(server, panes))
    if any(pane.synced for pane in panes):
        turn_off(server, panes)
    first = panes[0]
    server.run(
        sync.turn_on(
            first.session_id, first.window_id, members, before(server, first),
            guard=guard, minutes=policy.sync_minutes, keys=policy.guard_keys, token=os.urandom(4).hex(),
        )
    )  # fmt: skip
    return Synced(
        first.session, first.window_id, first.window_name, True,
        tuple(m.name for m in members if m.included), tuple(m.name for m in members if not m.included),
    )  # fmt: skip


def _too_few(server: Server, panes: Sequence[PaneState]) -> str:
    """What to do where a window has not two panes for it: in one without nodes, sessions that have some."""
    if waiting := ", ".join(f"{p.node} ({p.state})" for p in panes if not takes_part(p)):
        return f"not connected: {waiting}"
    if any(pane.node for pane in panes):
        return "one pane needs no sync"
    here = panes[0].session
    others = dict.fromkeys(p.session for p in server.panes() if p.node and p.session != here)
    for_all = "; ".join(f"stentor tmux sync on {quoted((name,))}" for name in others)
    if not for_all:
        return "this window has no nodes; to open some: stentor tmux open"
    return f"this window has no nodes; for a session that has: {for_all}"


def turn_off(server: Server, panes: Sequence[PaneState]) -> None:
    """Turn it off for one window, however it was turned on."""
    window_id = panes[0].window_id
    if server.ask("#{@stentor_off}", window_id):
        server.run([("run-shell", "-t", window_id, "-C", "#{@stentor_off}")])
        return
    server.run([("set-option", "-w", "-u", "-t", window_id, "synchronize-panes")])
    for pane in panes:
        server.run([("set-option", "-q", "-p", "-u", "-t", pane.pane_id, "synchronize-panes")])


def before(server: Server, pane: PaneState) -> sync.Before:
    """Read what has to be restored later."""
    session = (f"{pane.session_id}:",)
    window_own = _options(server, ["show-options", "-w", "-t", pane.window_id])
    session_own = _options(server, ["show-options", "-t", *session])
    keep = {
        k: v
        for k, v in session_own.items()
        if k.partition("[")[0] in ("status", "status-format", "assume-paste-time")
    }
    effective = _options(server, ["show-options", "-A", "-t", *session])
    lines = [v for k, v in sorted(effective.items()) if k.rstrip("*").startswith("status-format[")]
    return sync.Before(
        window={k: v for k, v in window_own.items() if k in sync.WINDOW_OPTIONS},
        session=keep,
        status=effective.get("status", effective.get("status*", "on")),
        status_format=lines,
        keys=server.output(["list-keys", "-T", "root"]),
        bound=bool(server.ask("#{@stentor_release}")),
        banner="@stentor_back" in session_own,
    )


def _options(server: Server, words: Sequence[str]) -> dict[str, str]:
    """Options by name, with their values as they are: asked one by one, since tmux quotes what it lists."""
    listed = server.output(words).splitlines()
    names = [text.split(" ", 1)[0] for text in listed]
    wanted = [name for name in names if name.partition("[")[0].rstrip("*") in _WANTED]
    values: dict[str, str] = {}
    for name in wanted:
        plain = name.replace("*", "")
        values[name] = server.output([words[0], *words[1:], "-v", plain]).removesuffix("\n")
    return values


_WANTED = {*sync.WINDOW_OPTIONS, "status", "status-format", "assume-paste-time", "@stentor_back"}


def guard_program(fleet_root: str | None, socket: str | None) -> list[str]:
    """The argument list which starts the guard from tmux."""
    fleet = ["--fleet", fleet_root] if fleet_root else []
    return [
        sys.executable,
        "-m",
        "stentor",
        *fleet,
        "tmux",
        "guard",
        *(["--socket", socket] if socket else []),
    ]
