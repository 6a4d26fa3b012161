"""Pane output to files, panes' text, and lines typed into panes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from stentor.errors import UsageError
from stentor.journal.file import state_directory
from stentor.sh.quoting import quote
from stentor.tmux.command import Command, literal
from stentor.tmux.server import Server
from stentor.tmux.state import PaneState


def log_directory(environ: Mapping[str, str], session: str) -> str:
    """The default directory of log files."""
    return os.path.join(state_directory(environ), "tmux", re.sub(r"[^\w@+-]", "_", session))


def log_on(server: Server, panes: Sequence[PaneState], directory: str) -> list[str]:
    """Append what each pane shows from now on to a file of its node, readable by the user alone.

    Returns:
        The files.

    Raises:
        UsageError: the directory cannot be made or written.
    """
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make {directory}: {error.strerror}", hint="choose another: --dir DIR"
        ) from error
    if not os.access(directory, os.W_OK):
        raise UsageError(f"cannot write in {directory}", hint="choose another: --dir DIR")
    files = [os.path.join(directory, f"{name}.log") for name in file_names(panes)]
    # tmux would expand formats and dates in it.
    pipes = [literal(f"umask 077; exec cat >> {quote(path)}").replace("%", "%%") for path in files]
    server.run([("pipe-pane", "-t", p.pane_id, pipe) for p, pipe in zip(panes, pipes, strict=True)])
    return files


def file_names(panes: Sequence[PaneState]) -> list[str]:
    """One name a pane: the node's, with a number behind it for a node that is open twice."""
    taken: dict[str, int] = {}
    names: list[str] = []
    for pane in panes:
        base = re.sub(r"[^\w.@+-]", "_", pane.node or pane.pane_id.replace("%", "pane-"))
        taken[base] = taken.get(base, 0) + 1
        names.append(base if taken[base] == 1 else f"{base}-{taken[base]}")
    return names


def log_off(server: Server, panes: Sequence[PaneState]) -> None:
    """Stop writing."""
    server.run([("pipe-pane", "-t", pane.pane_id) for pane in panes])


def texts(server: Server, panes: Sequence[PaneState], *, history: bool = False) -> list[str]:
    """What each pane shows, wrapped rows joined, without the empty rows at the end.

    Args:
        history: with all that has scrolled away.
    """
    mark = "=stentor-mark="
    start = ("-S", "-") if history else ()
    commands: list[Command] = []
    for pane in panes:
        commands += [
            ("capture-pane", "-p", "-J", "-t", pane.pane_id, *start),
            ("display-message", "-p", mark),
        ]
    parts = server.run(commands).split(mark + "\n")[: len(panes)]
    return ["\n".join(row.rstrip() for row in part.split("\n")).rstrip("\n") + "\n" for part in parts]


def typing(panes: Sequence[PaneState], text: str) -> list[Command]:
    """Type a line into each of these panes, and Enter.

    A pane in sync would pass it on to its neighbours, so sync is lifted while the line is typed:
    nothing else can come between the commands of one chain.
    """
    windows = list(dict.fromkeys(pane.window_id for pane in panes if pane.synced))
    commands: list[Command] = [
        ("set-option", "-w", "-t", window, "synchronize-panes", "off") for window in windows
    ]
    for pane in panes:
        commands.append(("send-keys", "-t", pane.pane_id, "-l", "--", text))
        commands.append(("send-keys", "-t", pane.pane_id, "Enter"))
    return commands + [("set-option", "-w", "-t", window, "synchronize-panes", "on") for window in windows]
