"""The ``tmux`` section of the fleet's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from stentor.errors import FleetError

LAYOUTS = ("tiled", "even-horizontal", "even-vertical", "main-horizontal", "main-vertical", "auto")


class Policy(NamedTuple):
    """How sessions look and how long synchronised input may last.

    Attributes:
        session: the session's name where no selector is given.
        selector: what it holds then.
        layouts: group to one of ``LAYOUTS``; ``auto`` where a group is not named.
        least_columns: a pane narrower than this goes to a further window.
        least_rows: a pane lower than this goes to a further window.
        sync_minutes: synchronised input ends by itself after so long without a key.
        guard_keys: the keys that send a line, which go through the guard.
    """

    session: str = "cluster"
    selector: str = "@core"
    layouts: Mapping[str, str] = {}
    least_columns: int = 38
    least_rows: int = 6
    sync_minutes: float = 5.0
    guard_keys: tuple[str, ...] = ("Enter", "KPEnter", "C-j", "C-o")


def read(sections: Mapping[str, Any]) -> Policy:
    """The policy out of ``Fleet.policy``; unset keys have their defaults.

    Raises:
        FleetError: a layout which tmux does not have, or a size that is none.
    """
    data = sections.get("tmux") or {}
    known = {key: data[key] for key in Policy._fields if data.get(key) is not None}
    if "guard_keys" in known:
        known["guard_keys"] = tuple(known["guard_keys"])
    policy = Policy(**known)
    for group, layout in policy.layouts.items():
        if layout not in LAYOUTS:
            raise FleetError(
                f"tmux: group {group} has the unknown layout '{layout}'", hint=f"one of {', '.join(LAYOUTS)}"
            )
    if policy.least_columns < 2 or policy.least_rows < 3 or policy.sync_minutes <= 0:
        raise FleetError(
            "tmux: least_columns is at least 2, least_rows at least 3, sync_minutes more than 0",
            hint="leave them out for 38, 6 and 5",
        )
    return policy
