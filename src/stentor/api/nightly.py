"""The look at night: host keys that differ from the known ones, and dotfiles that were edited on nodes."""

from __future__ import annotations

from stentor.api import dotfiles
from stentor.api.dotfiles import HELD
from stentor.api.fleet import Selection
from stentor.api.trust import verdicts
from stentor.errors import StentorError

_BAD_KEYS = ("changed", "revoked")
_PATHS = 5  # named of a node at most


def look_at(selection: Selection) -> list[str]:
    """Return what is to be told of some nodes, a line each; nodes that are down are no news."""
    found = [
        f"{verdict.node.alias}: {verdict.outcome.reason}; run 'stentor trust {verdict.node.alias}'"
        for verdict in verdicts(selection)
        if verdict.state in _BAD_KEYS
    ]
    fleet = selection.fleet
    if fleet.data.policy.dotfiles or dotfiles.recall(fleet, HELD):
        found += _drift(selection)
    return found


def _drift(selection: Selection) -> list[str]:
    try:
        source = dotfiles.repository_of(selection.fleet).source
    except StentorError as error:
        return [f"the dotfiles cannot be compared: {error}"]
    lines = []
    for alias, status in dotfiles.status(selection, "", source).items():
        drift = status.state.drift if status.state else ()
        if drift:
            more = f" and {len(drift) - _PATHS} more" if len(drift) > _PATHS else ""
            paths = ", ".join(drift[:_PATHS])
            lines.append(f"{alias}: edited there: {paths}{more}; run 'stentor dotfiles plan {alias}'")
    return lines
