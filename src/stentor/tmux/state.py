"""The state of tmux's panes, and the programs that would end if a session were closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from stentor import sh
from stentor.errors import UsageError
from stentor.shells import SHELLS

OLDEST = (3, 2)  # pane options, run-shell -C; tried with 3.3a, 3.4 and 3.5a


class PaneState(NamedTuple):
    """A pane. The ids are tmux's own: ``$1``, ``@2``, ``%3``."""

    session: str
    session_id: str
    window_id: str
    pane_id: str
    node: str
    state: str
    synced: bool
    dead: bool
    command: str
    window_layout: str
    window_columns: int
    window_rows: int
    window_name: str


FIELDS = (
    "session_id", "window_id", "pane_id", "@node", "pane_synchronized", "pane_dead", "@layout",
    "window_width", "window_height", "pane_current_command", "@state", "session_name", "window_name",
)  # fmt: skip
# No control character: a tmux client without UTF-8 has them replaced.
SEPARATOR = "<|>"
FORMAT = SEPARATOR.join("#{" + field + "}" for field in FIELDS)


def parse(line: str) -> PaneState:
    """One line of :data:`FORMAT`."""
    values = dict(zip(FIELDS, line.split(SEPARATOR, len(FIELDS) - 1), strict=True))
    return PaneState(
        session=values["session_name"],
        session_id=values["session_id"],
        window_id=values["window_id"],
        pane_id=values["pane_id"],
        node=values["@node"],
        state=values["@state"],
        synced=values["pane_synchronized"] == "1",
        dead=values["pane_dead"] == "1",
        command=values["pane_current_command"],
        window_layout=values["@layout"],
        window_columns=int(values["window_width"] or 0),
        window_rows=int(values["window_height"] or 0),
        window_name=values["window_name"],
    )


def of_session(panes: Sequence[PaneState], session: str) -> list[PaneState]:
    """Return the panes of a session.

    Raises:
        UsageError: there is no session of this name.
    """
    found = [pane for pane in panes if pane.session == session]
    if not found:
        known = ", ".join(dict.fromkeys(pane.session for pane in panes))
        raise UsageError(f"no tmux session '{session}'", hint=f"sessions: {known}" if known else "")
    return found


def not_supported(version: str) -> bool:
    """Whether ``tmux -V`` names a version before :data:`OLDEST`; an unknown version is accepted."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST


# These can end without loss.
_AROUND = ["login", "sshd", "sshd-session", "ssh", "mosh-client", "mosh-server", "su", "sudo", "ps"]
IDLE = frozenset([*SHELLS, *_AROUND, "tmux", "tmux:client", "screen"])
MARK = "stentor-fg"


def local_work(panes: Sequence[PaneState]) -> list[str]:
    """Programs in panes on this machine; panes of nodes run our loop around ssh."""
    return [
        f"{pane.node or pane.pane_id}: {pane.command}"
        for pane in panes
        if not pane.dead and pane.command.lstrip("-") not in IDLE and pane.command != "sleep"
    ]


def remote_question() -> str:
    """For any login shell: the commands in the foreground of the terminals of one's own logins.

    A ``+`` in the state says foreground. Which of these terminals belongs to which login cannot be
    told from outside, so the programs of other logins are listed, too.
    """
    script = (
        "me=$(id -un); ps -eo user,tty,stat,comm 2>/dev/null | while read -r user tty stat comm; do "
        'case "$user" in "$me"|"$(id -u)") ;; *) continue ;; esac; '
        f'case "$tty:$stat" in pts*:*+*) echo "{MARK} $tty $comm" ;; esac; done; exit 0'
    )
    return sh.command(script)


def remote_work(node: str, said: bytes) -> list[str]:
    """The programs in that answer that are not shells."""
    found: list[str] = []
    for row in said.decode("utf-8", "replace").splitlines():
        mark, _, rest = row.partition(" ")
        terminal, _, command = rest.partition(" ")
        if mark == MARK and command.strip().lstrip("-").replace(" ", "") not in IDLE:
            found.append(f"{node}: {command.strip()} ({terminal})")
    return found
