"""Programs that would end if a session were closed."""

from __future__ import annotations

from collections.abc import Sequence

from stentor import sh
from stentor.shells import SHELLS
from stentor.tmux.state import PaneState

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
