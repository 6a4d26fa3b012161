"""Open sessions and windows over nodes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stentor import sh
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy.sections import Tmux
from stentor.sh.quoting import quote, quoted
from stentor.ssh.target import login_argv
from stentor.tmux import plan
from stentor.tmux.command import Command
from stentor.tmux.layout import Size
from stentor.tmux.server import Server
from stentor.tmux.state import PaneState

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pane.sh")


class SessionRequest(NamedTuple):
    """What is to be open."""

    session: str  # the session's name
    nodes: tuple[Node, ...]  # a pane for each
    layout: str = "auto"  # one of ``fleet.policy.sections.LAYOUTS``
    # The name of the node's own tmux session to attach to, or None for a fresh shell.
    attach_remote: str | None = None


class Opened(NamedTuple):
    """What was missing, and the commands that open it."""

    commands: list[Command]  # the tmux commands; none if everything is open
    exists: bool  # the session was there before
    added: tuple[str, ...]  # aliases which get a pane


def decide(
    fleet: Fleet,
    local: str | None,
    request: SessionRequest,
    there: Sequence[PaneState],
    policy: Tmux,
    size: Size,
) -> Opened:
    """The commands that open what is missing of the request."""
    least = Size(policy.least_columns, policy.least_rows)
    mine = [pane for pane in there if pane.session == request.session]
    have = {pane.node for pane in mine if not pane.dead}
    panes = [
        pane_of(fleet, local, node, request.attach_remote) for node in request.nodes if node.alias not in have
    ]
    added = tuple(pane.node for pane in panes)
    if not mine:
        return Opened(
            plan.create(request.session, panes, layout=request.layout, least=least, size=size), False, added
        )
    if not panes:
        return Opened([], True, ())
    commands = plan.add(request.session, windows(mine), panes, layout=request.layout, least=least, size=size)
    return Opened(commands, True, added)


def windows(panes: Sequence[PaneState]) -> list[plan.Window]:
    """The windows of a session that hold nodes, in order."""
    found: dict[str, plan.Window] = {}
    for pane in panes:
        window = found.get(pane.window_id)
        if window:
            found[pane.window_id] = window._replace(panes=window.panes + 1)
        else:
            size = Size(pane.window_columns, pane.window_rows)
            found[pane.window_id] = plan.Window(pane.window_id, size, 1, pane.window_layout)
    ours = {pane.window_id for pane in panes if pane.node}
    return [window._replace(layout=window.layout or "auto") for window in found.values() if window.id in ours]


def pane_of(
    fleet: Fleet, local: str | None, node: Node, attach_remote: str | None = None, *, mosh: bool = False
) -> plan.Pane:
    """A node's pane: the user's own shell on this machine, else the loop around ssh."""
    if node.alias == local:
        return plan.Pane(node.alias)
    options = ("-t",) if attach_remote else ()
    ssh = login_argv(fleet, node, options=options)
    words = ["sh", PROGRAM]
    if mosh:
        words += ["-m", quoted(ssh[:-2])]  # without "-- alias", which mosh adds
    words += [node.alias, *ssh]
    if attach_remote:
        words.append(remote_session(attach_remote))
    return plan.Pane(node.alias, tuple(words))


def remote_session(name: str) -> str:
    """Attach to the node's own tmux, from any login shell; a plain shell where it has none."""
    session = quote(name)
    script = (
        f"command -v tmux >/dev/null && exec tmux new-session -A -s {session}; "
        'echo "no tmux on this node; opening a plain shell that ends with the connection"; '
        'exec "${SHELL:-/bin/sh}" -l'
    )
    return sh.command(script)


def layout_for(policy: Tmux, groups: Sequence[str]) -> str:
    """The layout of the first of these groups that the policy names."""
    return next((policy.layouts[group] for group in groups if group in policy.layouts), "auto")


def open_session(
    server: Server, fleet: Fleet, local: str | None, request: SessionRequest, policy: Tmux, size: Size
) -> Opened:
    """Open what is missing. A lock keeps two at once from opening a pane twice."""
    with locked(server):
        opened = decide(fleet, local, request, server.panes(), policy, size)
        if opened.commands:
            server.run(keep_view(server, request.session, opened))
    return opened


def keep_view(server: Server, session: str, opened: Opened) -> list[Command]:
    """The commands, and one that selects the current window again."""
    if not opened.exists:
        return opened.commands
    window_id = server.ask("#{window_id}", f"={session}:")
    return [*opened.commands, ("select-window", "-t", window_id)] if window_id else opened.commands


@contextlib.contextmanager
def locked(server: Server) -> Iterator[None]:
    """Hold the lock of this server's sessions, if there is a directory for it."""
    directory = (
        server.environ.get("XDG_RUNTIME_DIR") or server.environ.get("TMUX_TMPDIR") or tempfile.gettempdir()
    )
    path = os.path.join(directory, f"stentor-tmux-{os.getuid()}.lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(path, flags, 0o600)
    except OSError:
        yield  # go on without a lock where none can be made
        return
    try:
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
            fcntl.flock(handle, fcntl.LOCK_EX)  # another user's file could be locked for ever
        yield
    finally:
        os.close(handle)


def size_of(server: Server, columns: int, rows: int) -> Size:
    """The terminal's size: the client's inside tmux, since our own pane may be a part of it."""
    if server.inside():
        answer = server.ask("#{client_width} #{client_height}").split()
        if len(answer) == 2 and all(word.isdecimal() for word in answer):
            return Size(int(answer[0]), int(answer[1]))
    return Size(columns, rows)
