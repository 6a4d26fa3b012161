"""What an export cannot say, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.api.exports import Kept
from stentor.export.view import Left
from stentor.render.screen import Screen
from stentor.render.style import printable

if TYPE_CHECKING:
    from stentor.render.json_export import Export

_FEW = 6  # values that are named for one reason


def show_left(screen: Screen, name: str, left: Sequence[Left]) -> None:
    """Print what the format has no word for: one line for all whole fields, one for each reason."""
    whole = [one for one in left if not one.what and not one.why]
    if whole:
        fields = dict.fromkeys(one.field for one in whole)
        nodes = dict.fromkeys(one.node for one in whole)
        screen.say(printable(f"{_where(whole)}not in {name}: {', '.join(fields)} ({_nodes([*nodes])})"))
    reasons: dict[tuple[str, str], list[Left]] = {}
    for one in left:
        if one.what or one.why:
            reasons.setdefault((one.field, one.why), []).append(one)
    for (field, why), same in reasons.items():
        values = [*dict.fromkeys(one.what for one in same if one.what)]
        more = f" and {len(values) - _FEW} more" if len(values) > _FEW else ""
        said = f"{field} {', '.join(values[:_FEW])}{more}".rstrip()
        nodes = dict.fromkeys(one.node for one in same)
        screen.say(printable(f"{_where(same)}not in {name}: {said} ({_nodes([*nodes])}): {why}"))


_SAID = {
    "written": "was written",
    "current": "is up to date",
    "stale": "is stale",
    "skipped": "was skipped",
    "failed": "failed",
}


def show_kept(screen: Screen, kept: Kept) -> None:
    """Print what came of one file, its difference, and what its format cannot say."""
    place = f"{kept.node}: {kept.path}" if kept.node else kept.path
    why = f": {kept.text}" if kept.text and kept.state in ("failed", "skipped") else ""
    screen.print(printable(f"{place} {_SAID[kept.state]}{why}"))
    if kept.state == "stale":
        screen.lines(printable(line) for line in kept.text.splitlines())
    if kept.state == "written":
        show_left(screen, kept.format, kept.left)


def kept_record(kept: Kept) -> Export:
    """Return the record of one file."""
    from stentor.render.json_export import Export, LeftOut

    return Export.of(kept, node=kept.node or None, left=[LeftOut.of(one) for one in kept.left])


def _where(left: Sequence[Left]) -> str:
    """The first place and how many more there are, to stand in front."""
    places = [*dict.fromkeys(one.where for one in left if one.where)]
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more}: " if places else ""


def _nodes(aliases: list[str]) -> str:
    named = [alias for alias in aliases if alias]
    if not named:
        return "the fleet"
    return named[0] if len(named) == 1 else f"{len(named)} nodes"
