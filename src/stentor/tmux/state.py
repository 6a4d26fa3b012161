"""The state of tmux's panes."""

from __future__ import annotations

import re
from typing import NamedTuple

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


def not_supported(version: str) -> bool:
    """Whether ``tmux -V`` names a version before :data:`OLDEST`; an unknown version is accepted."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST
