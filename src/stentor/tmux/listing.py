"""The tmux sessions of every node: what to ask a node, and how to read its answer."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from stentor import sh
from stentor.digits import whole

_SEPARATOR = "<|>"
_FIELDS = ("session_created", "session_windows", "session_attached", "pane_current_command", "session_name")
NO_TMUX = "stentor: no tmux here"


class Session(NamedTuple):
    """One tmux session of a node."""

    name: str  # its name
    windows: int  # how many
    attached: int  # by how many clients
    since: int  # when it was made, in seconds since the epoch by the node's clock
    commands: tuple[str, ...]  # what runs in its panes, most frequent first: ``("vim", "zsh 3x")``


def command() -> str:
    """For any login shell of a node: one line a pane, nothing where no tmux runs."""
    fields = _SEPARATOR.join("#{" + field + "}" for field in _FIELDS)
    # -u: without UTF-8 tmux would write _ for every other character.
    script = (
        f"command -v tmux >/dev/null 2>&1 || {{ echo '{NO_TMUX}'; exit 0; }}; "
        f"tmux -u list-panes -a -F '{fields}' 2>/dev/null; exit 0"
    )
    return sh.command(script)


def parse(said: bytes) -> list[Session] | None:
    """The sessions out of a node's answer; None if it has no tmux."""
    text = said.decode("utf-8", "replace")
    if text.startswith(NO_TMUX):
        return None
    found: dict[str, Session] = {}
    running: dict[str, Counter[str]] = {}
    for row in text.splitlines():
        values = row.split(_SEPARATOR, len(_FIELDS) - 1)
        numbers = [whole(value) for value in values[:3]]
        if len(values) != len(_FIELDS) or None in numbers:
            continue  # noise from a start-up file
        since, windows, attached = (number or 0 for number in numbers)
        name = values[4]
        found[name] = Session(name, windows, attached, since, ())
        running.setdefault(name, Counter())[values[3]] += 1
    return [
        session._replace(commands=tuple(c if n == 1 else f"{c} {n}x" for c, n in running[name].most_common()))
        for name, session in found.items()
    ]
